// The digests, pages, letters and mails to editors of tests/goldens/ as a reader's browser shows them: no fault that axe knows, no sideways scrolling, in every width and
// light. Pictures are off: the files name hosts that do not exist, and a mail must be readable without them.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { accessibilityFaults, launch, sidewaysOverflow, withPage } from "./support/browser.mjs";

const folder = fileURLToPath(new URL("../goldens/", import.meta.url));
const files = readdirSync(folder).filter((name) => /^(demo|desk-(sent|readers)|digest|letter|page|review).*\.html$/.test(name));
const style = ["pages/site.css", "desk/desk.css"].map((file) => readFileSync(new URL(`../../templates/${file}`, import.meta.url), "utf8"));

/** A page with its style sheets in it: the file names those that only the service has. */
const withStyle = (name) => readFileSync(folder + name, "utf8").replace(/<link rel="(stylesheet|icon)"[^>]*>/g, (link, kind) =>
  kind === "icon" ? "" : `<style>${style[Number(link.includes("desk.css"))]}</style>`);

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("there are digests to look at", () => assert.ok(files.length > 0));

for (const name of files) {
  for (const dark of [false, true]) {
    test(`${name}, ${dark ? "dark" : "light"}`, () =>
      withPage(browser, { dark, images: false }, async (page) => {
        await (/^(page|desk)/.test(name) ? page.setContent(withStyle(name)) : page.goto(`file://${folder}${name}`));
        for (const width of [320, 640, 1200]) {
          await page.setViewport({ width, height: 900 });
          assert.equal(await sidewaysOverflow(page), 0, `sideways scrolling at ${width} pixels`);
          assert.deepEqual(await accessibilityFaults(page), [], `at ${width} pixels`);
        }
      }));
  }
}

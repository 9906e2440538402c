// What a reader asks for with a fresh mail, in a real browser against the real program: their data, another address and its undoing, erasing. On a
// phone and by keyboard alone, with and without JavaScript; every page on the way clean, narrow and wide, light and dark.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { answerByKeyboard, follow, isClean, signUp, tabTo, text } from "./support/reader.mjs";
import { stage } from "./support/stage.mjs";

const here = stage();

const views = [true, false].flatMap((javascript) => [false, true].map((dark) => ({ javascript, dark, width: 320 })));
const named = ({ javascript, dark }) => `${javascript ? "with" : "without"} JavaScript, ${dark ? "dark" : "light"}`;
const isPrivate = (mail) => here.service.words(mail).includes("/me/");

/** Axe is a script, so it looks where scripts run; the markup is the same. */
const clean = (page, { javascript }) => (javascript ? isClean(page) : undefined);

/** Reaches something by keyboard and presses it. */
async function pressByKeyboard(page, selector) {
  await tabTo(page, selector);
  await follow(page, () => page.keyboard.press("Enter"));
}

/** Waits for the one file of a folder that is whole; half a minute is more than any machine needs. */
async function download(folder) {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const whole = readdirSync(folder).find((name) => name.endsWith(".json"));
    if (whole) return JSON.parse(readFileSync(join(folder, whole), "utf8"));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("nothing was downloaded");
}

for (const view of views) {
  test(`my data come as a file, ${named(view)}`, () =>
    here.page(view, async (page) => {
      const address = `data-${view.javascript}-${view.dark}@readers.example`;
      await signUp(here, page, address);
      await pressByKeyboard(page, "button[value=data]");
      await clean(page, view);
      await answerByKeyboard(page);
      assert.ok((await text(page)).includes("A mail is on its way"));
      await clean(page, view);
      await page.goto(here.service.link(await here.service.letter(address, isPrivate), "me"));
      await clean(page, view);
      assert.ok((await text(page)).includes(address));

      const folder = mkdtempSync(join(tmpdir(), "week-in-review-download-"));
      try {
        const session = await page.createCDPSession();
        await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, browserContextId: page.browserContext().id });
        await answerByKeyboard(page, (_, press) => press());
        const told = JSON.stringify(await download(folder));
        for (const known of [address, "confirmed", "week-in-review"]) assert.ok(told.includes(known), `${known} is missing: ${told}`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }));

  test(`a change of address is undone from the old one, ${named(view)}`, () =>
    here.page(view, async (page) => {
      const [old, next] = ["old", "new"].map((which) => `${which}-${view.javascript}-${view.dark}@readers.example`);
      await signUp(here, page, old);
      await pressByKeyboard(page, "button[value=address]");
      await answerByKeyboard(page);
      await page.goto(here.service.link(await here.service.letter(old, isPrivate), "me"));
      await clean(page, view);
      await tabTo(page, "#address");
      await page.keyboard.type(next);
      await answerByKeyboard(page);
      await clean(page, view);
      await page.goto(here.service.link(await here.service.letter(next), "me"));
      await clean(page, view);
      await answerByKeyboard(page);
      assert.ok((await text(page)).includes("Your address is changed"));
      await clean(page, view);

      const undo = here.service.link(await here.service.letter(old, (mail) => mail.includes("was changed")), "me");
      await page.goto(undo);
      await clean(page, view);
      await answerByKeyboard(page);
      assert.ok((await text(page)).includes(old), "it says which address counts again");
      await clean(page, view);
      const shown = JSON.parse(await here.service.week(["--quiet", "subscribers", "show", old, "--json"]));
      assert.deepEqual((shown.consent ?? shown.history).map((entry) => entry.event), ["asked", "confirmed", "moved", "moved"]);
    }));

  test(`one erases oneself, ${named(view)}`, () =>
    here.page(view, async (page) => {
      const address = `erase-${view.javascript}-${view.dark}@readers.example`;
      await signUp(here, page, address);
      await pressByKeyboard(page, "button[value=erase]");
      await clean(page, view);
      await answerByKeyboard(page);
      assert.ok((await text(page)).includes("A mail is on its way"));
      const link = here.service.link(await here.service.letter(address, isPrivate), "me");
      await page.goto(link);
      await clean(page, view);
      assert.ok((await text(page)).includes(address), "it says who is erased");
      await answerByKeyboard(page);
      await clean(page, view);
      assert.ok(!(await text(page)).includes(address));
      const said = await here.service.week(["--quiet", "subscribers", "show", address]);
      assert.doesNotMatch(said, /confirmed/, "nothing is left to show");
      assert.match(said, /not known|nobody|no subscriber|is unknown/i);
    }));
}

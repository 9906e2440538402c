// The pages of readers and the preview in a real browser, as the program serves them: narrow and wide, light and dark, by keyboard alone,
// without JavaScript.
import assert from "node:assert/strict";
import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { accessibilityFaults, sidewaysOverflow } from "./support/browser.mjs";
import { answerByKeyboard, follow, tabTo, text } from "./support/reader.mjs";
import { demo, program } from "./support/service.mjs";
import { stage } from "./support/stage.mjs";

const [amal, otto, shirin] = ["amal.richtering", "otto.lindenkrone", "shirin.golparvan"].map((name) => `${name}@readers.example`);

const here = stage();

/** A day to come, in the pieces that a date field takes one after the other. */
const inAMonth = (() => {
  const [year, month, day] = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10).split("-");
  return { year, month, day };
})();

const leaving = (address) => here.base + here.service.leaving(address);

/** Where "Choose fewer subjects" leads. */
async function choosing(page, address) {
  await page.goto(leaving(address));
  return page.$eval("main form a", (link) => link.href);
}

/** Buttons, links that look like buttons, and boxes with their labels that are too small for a thumb. */
function smallTargets(page) {
  return page.$$eval("main button, main a.button, main label.choice, main input[type=date]", (targets) =>
    targets.filter((target) => !target.closest("[aria-hidden=true]") && target.getBoundingClientRect().height < 44).map((target) => target.outerHTML));
}

describe("every page is clean in every width and light", () => {
  const pages = {
    front: () => `${here.base}/`,
    issue: () => `${here.base}/week-in-review/38`,
    subscribe: () => `${here.base}/subscribe`,
    unsubscribe: () => leaving(amal),
    preferences: (page) => choosing(page, amal),
    "preferences in Persian": (page) => choosing(page, shirin),
  };
  for (const [name, address] of Object.entries(pages)) {
    for (const dark of [false, true]) {
      test(`${name}, ${dark ? "dark" : "light"}`, () =>
        here.page({ dark }, async (page) => {
          const answer = await page.goto(await address(page));
          assert.equal(answer.status(), 200);
          for (const width of [320, 1200]) {
            await page.setViewport({ width, height: 800 });
            assert.equal(await sidewaysOverflow(page), 0, `sideways scrolling at ${width} pixels`);
            assert.deepEqual(await accessibilityFaults(page), [], `at ${width} pixels`);
            assert.deepEqual(await smallTargets(page), [], `at ${width} pixels`);
          }
        }));
    }
  }
});

test("the brand's colour arrives in spite of the strict policy", () =>
  here.page({}, async (page) => {
    await page.goto(`${here.base}/`);
    const accent = await page.$eval("main a", (link) => getComputedStyle(link).color);
    assert.equal(accent, "rgb(140, 58, 36)");
  }));

test("the pictures of an issue are shown", () =>
  here.page({}, async (page) => {
    await page.goto(`${here.base}/week-in-review/38`);
    const widths = await page.$$eval("main img", (images) => images.map((image) => image.naturalWidth));
    assert.ok(widths.length > 0 && widths.every((width) => width > 0), `${widths}`);
  }));

test("a section of the contents leads to its place on the page", () =>
  here.page({}, async (page) => {
    await page.goto(`${here.base}/week-in-review/38`);
    const missing = await page.$$eval("main a", (links) =>
      links
        .filter((link) => link.hash && link.pathname === location.pathname)
        .filter((link) => !document.getElementById(link.hash.slice(1)))
        .map((link) => link.hash));
    assert.deepEqual(missing, []);
  }));

for (const javascript of [true, false]) {
  const how = javascript ? "with JavaScript" : "without JavaScript";

  test(`topics and a pause are chosen by keyboard alone, ${how}`, () =>
    here.page({ width: 320, javascript }, async (page) => {
      await page.goto(await choosing(page, otto));
      await tabTo(page, "input[name=scope]");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowDown");
      await tabTo(page, "input[name=topic][value=energy]");
      await page.keyboard.press("Space");
      const before = await page.$eval("input[name=topic][value=energy]", (box) => box.checked);
      await tabTo(page, "input[name=until]");
      await page.keyboard.type(inAMonth.month + inAMonth.day + inAMonth.year);
      await tabTo(page, "main form button");
      await follow(page, () => page.keyboard.press("Enter"));
      assert.match(page.url(), /\?saved=1$/);
      assert.ok((await text(page)).includes("Saved."));
      assert.equal(await page.$eval("input[name=topic][value=energy]", (box) => box.checked), before);
      assert.equal(await page.$eval("input[value=topics]", (radio) => radio.checked), true);
      const { year, month, day } = inAMonth;
      assert.equal(await page.$eval("input[name=until]", (input) => input.value), `${year}-${month}-${day}`);
    }));

  test(`nothing chosen is said and nothing is saved, ${how}`, async () => {
    await assert.rejects(
      here.page({ width: 320, javascript }, async (page) => {
        await page.goto(await choosing(page, otto));
        for (const box of await page.$$("input[name=topic]:checked")) await box.click();
        await page.focus("main form button");
        await follow(page, () => page.keyboard.press("Enter"));
        assert.ok((await text(page)).includes("choose at least one subject"));
        // axe is a script itself.
        if (javascript) assert.deepEqual(await accessibilityFaults(page), []);
        await page.goto(await choosing(page, otto));
        assert.ok((await page.$$("input[name=topic]:checked")).length > 0, "the old choice stands");
      }),
      /status of 422/,
    );
  });
}

test("leaving takes one press, by keyboard and without JavaScript, and may be reloaded", () =>
  here.page({ width: 320, javascript: false }, async (page) => {
    await page.goto(leaving(otto));
    await answerByKeyboard(page);
    assert.ok((await text(page)).includes("You have left"));
    await page.reload();
    assert.ok((await text(page)).includes("You have left"));
  }));

test("the page that says goodbye is clean", () =>
  here.page({ width: 320 }, async (page) => {
    await page.goto(leaving(otto));
    assert.ok((await text(page)).includes("You have left"));
    assert.deepEqual(await accessibilityFaults(page), []);
  }));

test("a link that was cut in two says so kindly", async () => {
  await assert.rejects(
    here.page({ width: 320 }, async (page) => {
      await page.goto(leaving(amal).slice(0, -5));
      assert.ok((await text(page)).includes("This link does not work"));
      assert.deepEqual(await accessibilityFaults(page), []);
    }),
    /status of 404/,
  );
});

// Kept beside this project: CI has it, a contributor may not.
const checker = fileURLToPath(new URL("../../../shared/checks/check_web.py", import.meta.url));
const isMissing = !existsSync(checker) && process.env.CI !== "true";

test("the checker of sign-off pages finds nothing", { skip: isMissing && `there is no ${checker}` }, async () => {
  const fresh = demo();
  try {
    const pages = await fresh.pages();
    const at = (address) => pages + fresh.leaving(address);
    const form = await (await fetch(`${pages}/subscribe`)).text();
    const asking = { token: /name="token" value="([^"]+)"/.exec(form)[1], newsletter: "week-in-review", address: "new@readers.example" };
    await fetch(`${pages}/subscribe`, { method: "POST", body: new URLSearchParams(asking) });
    const confirm = fresh.link(await fresh.letter("new@readers.example"), "c");
    const preferences = /href="([^"]*\/p\/[^"]+)"/.exec(await (await fetch(at(amal))).text())[1];
    const said = await fresh.run("python3", [
      checker, "--state", `${program} --quiet subscribers list --json`,
      "--one-click", at(amal), "--one-click-2", at(otto), "--confirm", confirm, "--preferences", new URL(preferences, pages).href,
    ]);
    assert.doesNotMatch(said, /^FAIL/m);
    assert.match(said, /^MUST (\d+)\/\1 /m);
  } finally {
    await fresh.close();
  }
});

describe("the preview", () => {
  let preview;
  before(async () => (preview = await here.service.preview()));
  const shown = () => `${preview}/?newsletter=week-in-review&at=2026-11-20T16%3A59%3A00Z`;

  for (const dark of [false, true]) {
    test(`is clean in every width, ${dark ? "dark" : "light"}`, () =>
      here.page({ dark }, async (page) => {
        await page.goto(shown());
        for (const width of [320, 1200]) {
          await page.setViewport({ width, height: 800 });
          assert.equal(await sidewaysOverflow(page), 0, `sideways scrolling at ${width} pixels`);
          assert.deepEqual(await accessibilityFaults(page, { iframes: false }), [], `at ${width} pixels`);
        }
      }));
  }

  test("shows each view by keyboard", () =>
    here.page({}, async (page) => {
      await page.goto(shown());
      await tabTo(page, "#desktop");
      for (const view of ["desktop", "phone", "dark", "text", "blind"]) {
        const [visible] = await page.$$eval(".pane", (panes) =>
          panes.filter((pane) => getComputedStyle(pane).display !== "none").map((pane) => pane.className));
        assert.equal(visible, `pane p-${view}`);
        const frame = await (await page.waitForSelector(`.p-${view} iframe`)).contentFrame();
        await frame.waitForFunction(() => document.body?.innerText.length > 1000);
        await page.keyboard.press("ArrowRight");
      }
    }));

  test("reloads its views when a file changes", () =>
    here.page({}, async (page) => {
      await page.goto(shown(), { waitUntil: "load" });
      const again = page.waitForRequest((request) => request.url().includes("/view/html"), { timeout: 30_000 });
      const now = new Date();
      utimesSync(join(here.service.folder, "config", "week-in-review.toml"), now, now);
      await again;
    }));
});

// The archive in a real browser: every list narrow and wide, light and dark, the search by keyboard alone and without JavaScript, and that every
// link of it leads somewhere.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accessibilityFaults, sidewaysOverflow } from "./support/browser.mjs";
import { stage } from "./support/stage.mjs";

const here = stage();

describe("every list is clean in every width and light", () => {
  const pages = {
    "the list of issues": "/week-in-review",
    "a tag": "/tags/lobbying",
    "a tag in Persian": `/tags/${encodeURIComponent("فرهنگ")}`,
    "a column": "/columns/strait-lines",
    "an author": "/authors/ramin-kestavar",
    "the search": "/search?q=muscat",
    "a search that finds nothing": "/search?q=nothing+whatsoever",
    events: "/events",
  };
  for (const [name, path] of Object.entries(pages)) {
    for (const dark of [false, true]) {
      test(`${name}, ${dark ? "dark" : "light"}`, () =>
        here.page({ dark }, async (page) => {
          const answer = await page.goto(here.base + path);
          assert.equal(answer.status(), 200);
          for (const width of [320, 1200]) {
            await page.setViewport({ width, height: 800 });
            assert.equal(await sidewaysOverflow(page), 0, `sideways scrolling at ${width} pixels`);
            assert.deepEqual(await accessibilityFaults(page), [], `at ${width} pixels`);
          }
        }));
    }
  }
});

for (const javascript of [true, false]) {
  test(`a story is found by keyboard alone, ${javascript ? "with" : "without"} JavaScript`, () =>
    here.page({ width: 320, javascript }, async (page) => {
      await page.goto(`${here.base}/week-in-review`);
      await page.focus("#q");
      await page.keyboard.type("quietest client");
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      assert.match(page.url(), /\/newsletter\/search\?q=quietest\+client$/);
      assert.match(await page.$eval("main .found", (list) => list.innerText), /The Quietest Client in\sTown/);
    }));
}

test("no link of the archive leads nowhere", () =>
  here.page({ images: false }, async (page) => {
    const seen = new Set();
    for (const path of ["/", "/week-in-review", "/week-in-review/38", "/tags/lobbying", "/search?q=muscat", "/events"]) {
      await page.goto(here.base + path);
      const links = await page.$$eval("a[href], link[rel=alternate]", (all) => all.map((link) => link.href));
      for (const link of links) {
        const url = new URL(link);
        // The demo's pages call themselves by the address that the demo's newsroom has.
        if (url.pathname.startsWith("/newsletter/") || url.hostname === "127.0.0.1") seen.add(new URL(url.pathname + url.search, here.base).href);
      }
    }
    assert.ok(seen.size > 20, `${seen.size} links`);
    for (const link of seen) {
      const answer = await fetch(link);
      assert.equal(answer.status, 200, link);
    }
  }));

test("what was corrected on the command line is on the page, and said", async () => {
  const shown = await here.service.week(["issues", "show", "38", "--newsletter", "week-in-review", "--json"]);
  assert.match(shown, /"subject"/);
  await here.service.week(["issues", "amend", "38", "--newsletter", "week-in-review", "--note", "A sentence was added."]);
  await here.page({}, async (page) => {
    await page.goto(`${here.base}/week-in-review/38`);
    assert.match(await page.$eval("aside.changed", (box) => box.innerText), /A sentence was added\./);
    assert.deepEqual(await accessibilityFaults(page), []);
  });
});

test("an author and a column are found from a story", () =>
  here.page({ width: 320 }, async (page) => {
    for (const [name, path] of [["Ramin Kestavar", "/authors/ramin-kestavar"], ["Strait Lines", "/columns/strait-lines"]]) {
      await page.goto(`${here.base}/search?q=muscat`);
      const link = await page.$eval("main .found", (list, wanted) => [...list.querySelectorAll("a")].find((one) => one.textContent === wanted)?.href, name);
      assert.equal(link, here.base + path);
      await page.goto(link);
      assert.match(await page.$eval("main .found", (list) => list.innerText), /Tehran Drops Two Words/);
    }
  }));

for (const dark of [false, true]) {
  test(`an issue that was withdrawn says so on a clean page, ${dark ? "dark" : "light"}`, async () => {
    if (!dark) await here.service.week(["issues", "withdraw", "38", "--newsletter", "week-in-review", "--note", "It went out by mistake.", "--yes"]);
    const visit = here.page({ width: 320, dark }, async (page) => {
      const answer = await page.goto(`${here.base}/week-in-review/38`);
      assert.equal(answer.status(), 410);
      assert.match(await page.$eval("main", (main) => main.innerText), /It went out by mistake\./);
      for (const width of [320, 1200]) {
        await page.setViewport({ width, height: 800 });
        assert.equal(await sidewaysOverflow(page), 0, `sideways scrolling at ${width} pixels`);
        assert.deepEqual(await accessibilityFaults(page), [], `at ${width} pixels`);
      }
    });
    await assert.rejects(visit, /status of 410/);
  });
}

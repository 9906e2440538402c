// The pages of the desk in a real browser: each of them narrow and wide, light and dark; what its frames may do; and an issue that something blocks. The
// paths that lead through them are walked in paths.test.mjs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessibilityFaults, launch, withPage } from "./support/browser.mjs";
import { faults, follow, press, tabTo, text } from "./support/hands.mjs";
import { newsroom, password } from "./support/newsroom.mjs";

const mona = "mona@harbour.example";
let browser;
let room;
let session;

before(async () => {
  browser = await launch();
  room = await newsroom();
  await withPage(browser, { width: 320 }, async (page) => {
    await page.goto(room.invite(mona, "Mona"));
    assert.deepEqual(await faults(page), []);
    for (const field of ["#new", "#again"]) await page.type(field, password);
    await press(page, "Choose this password and sign in");
    session = await page.cookies();
  });
});

after(async () => {
  await browser?.close();
  await room?.close();
});

/** A page that is signed in. */
const signedIn = (view, look) =>
  withPage(browser, view, async (page) => {
    await page.setCookie(...session);
    await look(page);
  });

const at = (place) => `${room.base}/desk${place}`;

describe("every page is clean in every width and light", () => {
  const places = {
    "the first page": () => "",
    preview: () => "/n/week/preview?topic=sea",
    stories: () => "/n/week/stories",
    "a story": () => "/n/week/stories/1",
    "subject and note": () => "/n/week/face",
    dates: () => "/n/week/dates",
    issues: () => "/issues",
    readers: () => "/readers",
    sources: () => "/sources",
    audit: () => "/audit",
    account: () => "/account",
  };
  for (const [name, place] of Object.entries(places)) {
    test(name, () =>
      signedIn({}, async (page) => {
        assert.equal((await page.goto(at(place()))).status(), 200);
        for (const width of [320, 1200]) {
          await page.setViewport({ width, height: 800 });
          await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
          assert.deepEqual(await faults(page), [], `light at ${width} pixels`);
          // In the dark only colours differ.
          await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
          const contrast = await accessibilityFaults(page, { iframes: false, runOnly: ["color-contrast"] });
          assert.deepEqual(contrast, [], `dark at ${width} pixels`);
        }
      }));
  }
  test("the door", () =>
    withPage(browser, { width: 320, dark: true }, async (page) => {
      await page.goto(at("/sign-in"));
      assert.deepEqual(await faults(page), []);
    }));
});

/** Presses Enter on what has the focus, which leads to another page. */
const enter = (page) => follow(page, () => page.keyboard.press("Enter"));

test("why each story is in or out stands beside the preview, by keyboard", () =>
  signedIn({ width: 1200 }, async (page) => {
    await page.goto(at("/n/week/preview?topic=sea"));
    const beside = await page.$$eval(".p-wide iframe, .reasons", (both) => both.map((one) => one.getBoundingClientRect()).map(({ top, left, right }) => ({ top, left, right })));
    assert.ok(beside[1].left >= beside[0].right, "at the side of the frame");
    await tabTo(page, ".reasons li summary");
    await page.keyboard.press("Enter");
    assert.match(await text(page), /Why in, why out[^]*Stands\s+In: it leads[^]*Score\s+\d+: /);
    assert.match(await text(page), /Not for this reader, \d+ stor/);
  }));

describe("an issue that something blocks", () => {
  let blocked;
  let cookies;
  before(async () => {
    blocked = await newsroom({ readers: 0 });
    await withPage(browser, {}, async (page) => {
      await page.goto(blocked.invite(mona, "Mona"));
      for (const field of ["#new", "#again"]) await page.type(field, password);
      await press(page, "Choose this password and sign in");
      cookies = await page.cookies();
    });
  });
  after(() => blocked?.close());

  /** The preview, once the issue is composed and was checked. */
  const preview = (view, look) =>
    withPage(browser, view, async (page) => {
      await page.setCookie(...cookies);
      const end = Date.now() + 60_000;
      do await page.goto(`${blocked.base}/desk/n/week/preview`);
      while (!(await page.$("#reason")) && Date.now() < end);
      assert.ok(await page.$("#reason"), await text(page));
      await look(page);
    });

  test("says what and how to let it go, clean in every width and light", () =>
    preview({}, async (page) => {
      assert.match(await text(page), /Nobody to send to/);
      assert.match(await text(page), /No\. 215 waits for an editor and cannot go out on .* as it is: nobody subscribes yet/);
      for (const width of [320, 1200]) {
        await page.setViewport({ width, height: 800 });
        for (const light of ["light", "dark"]) {
          await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: light }]);
          assert.deepEqual(await faults(page), [], `${light} at ${width} pixels`);
        }
      }
    }));

  for (const width of [320, 1200]) {
    for (const javascript of [true, false]) {
      test(`is let go by keyboard alone, at ${width} pixels ${javascript ? "with" : "without"} JavaScript`, () =>
        preview({ width, javascript }, async (page) => {
          const why = `the list comes at ${width}, ${javascript}`;
          await tabTo(page, "#reason");
          await page.keyboard.type(why);
          await tabTo(page, "button[value=anyway]");
          await enter(page);
          assert.equal(blocked.issue().state, "approved");
          assert.ok(blocked.run("audit").includes(why), "the reason is kept");
        }));
    }
  }

  test("is skipped by a pause, begun and ended by keyboard alone", () =>
    withPage(browser, { width: 320, javascript: false }, async (page) => {
      await page.setCookie(...cookies);
      await page.goto(`${blocked.base}/desk/n/week/dates`);
      await tabTo(page, "#until");
      await page.keyboard.type(`0102${new Date().getFullYear() + 1}`);
      await tabTo(page, "#why");
      await page.keyboard.type("Winter");
      await tabTo(page, "button[value=pause]");
      await enter(page);
      assert.match(await text(page), /The newsletter is paused/);
      assert.match(await text(page), /Paused: Winter/);
      await tabTo(page, "button[value=end-pause]");
      await enter(page);
      assert.doesNotMatch(await text(page), /Paused: Winter/);
    }));
});

test("the preview shows each view by keyboard, and no script runs in it", () =>
  signedIn({}, async (page) => {
    await page.goto(at("/n/week/preview"));
    await tabTo(page, "#v-wide");
    for (const view of ["wide", "phone", "dark", "bare", "text"]) {
      const shown = await page.$$eval(".pane", (panes) => panes.filter((pane) => pane.checkVisibility()).map((pane) => pane.className));
      assert.deepEqual(shown, [`pane p-${view}`]);
      const frame = await (await page.waitForSelector(`.p-${view} iframe`)).contentFrame();
      await frame.waitForFunction(() => document.body?.innerText.includes("Harbour fees rise"));
      assert.equal(await frame.evaluate(() => window.origin), "null", "a frame is nobody's origin");
      await page.keyboard.press("ArrowRight");
    }
  }));

test("what a source wrote stays text", () =>
  signedIn({}, async (page) => {
    await page.goto(at("/n/week/stories"));
    assert.ok((await text(page)).includes("Salt prices <fall>"));
  }));

const second = `[[newsletters]]
slug = "law"
title = "The Law of the Sea"
schedule = "0 5 1 1 *"
[[newsletters.sections]]
slug = "all"
title = "All of it"
rest = true`;

describe("a newsroom with two newsletters and nothing in it yet", () => {
  let empty;
  let cookies;
  before(async () => {
    empty = await newsroom({ readers: 0, articles: [], further: second });
    await withPage(browser, {}, async (page) => {
      await page.goto(empty.invite(mona, "Mona"));
      for (const field of ["#new", "#again"]) await page.type(field, password);
      await press(page, "Choose this password and sign in");
      cookies = await page.cookies();
    });
  });
  after(() => empty?.close());

  for (const slug of ["week", "law"]) {
    for (const place of ["", ...["preview", "stories", "face", "dates"].map((name) => `/n/${slug}/${name}`)]) {
      test(`${place || "the first page"} of ${slug} says what there is`, () =>
        withPage(browser, { width: 320 }, async (page) => {
          await page.setCookie(...cookies);
          assert.equal((await page.goto(`${empty.base}/desk${place}`)).status(), 200);
          assert.match(await text(page), /The Harbour Week|The Law of the Sea/);
          assert.deepEqual(await faults(page), []);
        }));
    }
  }
});

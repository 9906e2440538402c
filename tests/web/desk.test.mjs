// The desk in a real browser: every page narrow and wide, light and dark, by keyboard alone and without JavaScript; and a whole Friday at the
// width of a phone, as an editor does it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessibilityFaults, launch, sidewaysOverflow, withPage } from "./support/browser.mjs";
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
const text = (page) => page.$eval("main", (main) => main.innerText);

const pressable = "button, a.button, .places a, h3 a, summary";

/** The button, or the link that looks like one, with these words that can be seen and pressed. */
async function button(page, words) {
  const at = await page.$$eval(pressable, (all, words) => all.findIndex((element) =>
    (element.getAttribute("aria-label") ?? element.innerText.trim()) === words
      && element.checkVisibility() && element.getBoundingClientRect().width > 2), words);
  assert.ok(at >= 0, `there is no button "${words}" on ${page.url()}`);
  const found = (await page.$$(pressable))[at];
  // Where the bar at the bottom does not cover it.
  await found.evaluate((element) => element.scrollIntoView({ block: "center" }));
  return found;
}

/** Presses a button that leads to another page. */
async function press(page, words) {
  const found = await button(page, words);
  await Promise.all([page.waitForNavigation(), found.click()]);
}

/** Presses Tab until `selector` has the focus. */
async function tabTo(page, selector) {
  // The frames of the preview have links of their own on the way.
  for (let presses = 0; presses < 300; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`${selector} cannot be reached by keyboard`);
}

async function type(page, selector, words) {
  await page.$eval(selector, (field) => (field.value = ""));
  await page.type(selector, words);
}

/** What is wrong with the page at this width. At its end, where the bar of a phone covers nothing. */
async function faults(page) {
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  const small = await page.$$eval("main button, main a.button, main summary, .hand-bar > *, nav a, main label.choice, .tabs label, input.text, select", (targets) =>
    targets
      .filter((target) => target.checkVisibility() && target.getBoundingClientRect().width > 2)
      .filter((target) => target.getBoundingClientRect().height < 43.9 && getComputedStyle(target).display !== "contents")
      .map((target) => `too small: ${target.outerHTML.slice(0, 120)}`));
  const wide = await sidewaysOverflow(page);
  return [...small, ...(wide ? [`${wide} pixels too wide`] : []), ...(await accessibilityFaults(page, { iframes: false }))];
}

describe("every page is clean in every width and light", () => {
  const places = {
    "the first page": () => "",
    preview: () => "/n/week/preview?topic=sea",
    stories: () => "/n/week/stories",
    "a story": () => "/n/week/stories/1",
    "subject and note": () => "/n/week/face",
    dates: () => "/n/week/dates",
    issues: () => "/issues",
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

for (const javascript of [true, false]) {
  test(`signing in and out by keyboard alone, ${javascript ? "with" : "without"} JavaScript`, () =>
    withPage(browser, { width: 320, javascript }, async (page) => {
      await page.goto(at("/audit"));
      await tabTo(page, "#address");
      await page.keyboard.type(mona);
      await tabTo(page, "#password");
      await page.keyboard.type(password);
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      assert.equal(page.url(), at("/audit"));
      await page.goto(at("/account"));
      await tabTo(page, "button[value=here]");
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      await page.goBack();
      await page.goto(at("/audit"));
      assert.match(page.url(), /\/sign-in\?next=/, "the way back shows nothing");
    }));
}

for (const [width, javascript] of [[320, false], [1200, true]]) {
  test(`a date is moved, skipped and restored, at ${width} pixels ${javascript ? "with" : "without"} JavaScript`, () =>
    signedIn({ width, javascript }, async (page) => {
      await page.goto(at("/n/week/dates"));
      // The second date: the first has an issue that other tests work on.
      const second = (selector) => `.dates > li:nth-child(2) ${selector}`;
      const change = async (deed, fill) => {
        await page.click(second("summary"));
        await page.type(second("[name=because]"), "Good Friday");
        await fill?.();
        await Promise.all([page.waitForNavigation(), page.click(second(`button[value=${deed}]`))]);
        // What looks for faults is a script itself.
        if (javascript) assert.deepEqual(await faults(page), []);
      };
      const restore = () => Promise.all([page.waitForNavigation(), page.click(second("button[value=restore]"))]);
      await change("move", () => page.$eval(second("[name=to]"), (field) => {
        // A minute later.
        const [day, time] = field.value.split("T");
        const [hour, minute] = time.split(":").map(Number);
        const then = new Date(Date.UTC(2000, 0, 1, hour, minute + 1));
        field.value = `${day}T${then.toISOString().slice(11, 16)}`;
      }));
      assert.match(await text(page), /is moved to .*: Good Friday/);
      assert.match(await text(page), /Instead of \w+ \d+ \w+, \d\d:\d\d: Good Friday/);
      await restore();
      assert.match(await text(page), /is as the schedule has it/);
      await change("skip");
      assert.match(await text(page), /Skipped: Good Friday/);
      await restore();
    }));
}

/** Presses Enter on what has the focus, which leads to another page. */
const enter = (page) => Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);

for (const [width, javascript] of [[320, true], [1200, false]]) {
  test(`a date is skipped and restored by keyboard alone, at ${width} pixels ${javascript ? "with" : "without"} JavaScript`, () =>
    signedIn({ width, javascript }, async (page) => {
      await page.goto(at("/n/week/dates"));
      // The third date: other tests work on the two before it.
      const third = (selector) => `.dates > li:nth-child(3) ${selector}`;
      await tabTo(page, third("summary"));
      await page.keyboard.press("Enter");
      await tabTo(page, third("[name=because]"));
      await page.keyboard.type("Midsummer");
      await tabTo(page, third("button[value=skip]"));
      await enter(page);
      assert.match(await text(page), /Skipped: Midsummer/);
      await tabTo(page, third("button[value=restore]"));
      await enter(page);
      assert.match(await text(page), /is as the schedule has it/);
    }));
}

test("why each story is in or out stands beside the preview, by keyboard", () =>
  signedIn({ width: 1200 }, async (page) => {
    await page.goto(at("/n/week/preview?topic=sea"));
    const beside = await page.$$eval(".p-wide iframe, .reasons", (both) => both.map((one) => one.getBoundingClientRect()).map(({ top, left, right }) => ({ top, left, right })));
    assert.ok(beside[1].left >= beside[0].right, "at the side of the frame");
    await tabTo(page, ".reasons li summary");
    await page.keyboard.press("Enter");
    assert.match(await text(page), /Why in, why out[^]*Stands\s+In: it leads[^]*Score\s+\d+: source 50/);
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

test("a story that cannot be had from outside is refused in a sentence", () =>
  assert.rejects(
    signedIn({ width: 320 }, async (page) => {
      await page.goto(at("/n/week/stories"));
      await page.type("#url", "http://127.0.0.1:1/nothing");
      await press(page, "Add it");
      assert.match(await text(page), /Nothing was changed/);
      assert.deepEqual(await faults(page), []);
    }),
    /status of 409/,
  ));

test("a wrong password is said, and what was typed as the address stays", () =>
  assert.rejects(
    withPage(browser, { width: 320 }, async (page) => {
      await page.goto(at("/sign-in"));
      await page.type("#address", mona);
      await page.type("#password", "not the password");
      await press(page, "Sign in");
      assert.match(await text(page), /The address or the password is wrong\./);
      assert.equal(await page.$eval("#address", (field) => field.value), mona);
      assert.deepEqual(await faults(page), []);
    }),
    /status of 422/,
  ));

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

test("as a reader with topics, only those sections are shown", () =>
  signedIn({ width: 320 }, async (page) => {
    await page.goto(at("/n/week/preview"));
    await (await button(page, "As a reader of everything")).click();
    await page.click("input[name=topic][value=sea]");
    await press(page, "Show");
    const view = await page.$eval(".p-wide iframe", (frame) => frame.src);
    const shown = await fetch(view, { headers: { cookie: session.map(({ name, value }) => `${name}=${value}`).join("; ") } });
    const html = await shown.text();
    assert.ok(html.includes("215#sea") && !html.includes("215#economy"));
  }));

test("what a source wrote stays text", () =>
  signedIn({}, async (page) => {
    await page.goto(at("/n/week/stories"));
    assert.ok((await text(page)).includes("Salt prices <fall>"));
  }));

test("somebody outside sees the issue by a link, without a cookie", () =>
  signedIn({ width: 320 }, async (page) => {
    await page.goto(at("/n/week/preview"));
    await press(page, "Make a link");
    const link = await page.$eval("#link", (field) => field.value);
    await withPage(browser, { width: 320 }, async (outside) => {
      await outside.goto(link);
      assert.ok((await text(outside)).includes("No. 215 as it would go now"));
      assert.deepEqual(await faults(outside), []);
      assert.deepEqual(await outside.cookies(), []);
    });
  }));

// Every path of the desk, walked in a real browser in every combination: narrow and wide, light and dark, with and without JavaScript, by pointer and by
// keyboard alone. Each combination has a newsroom of its own and walks the paths in their order, each from where the one before it ended.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, withPage } from "./support/browser.mjs";
import { Hands, text } from "./support/hands.mjs";
import { newsroom, password } from "./support/newsroom.mjs";
import { site, story } from "./support/site.mjs";

const mona = "mona@harbour.example";
/** How many milliseconds a slow machine may take for what comes by itself. */
const patience = 120_000;

const combinations = [320, 1200].flatMap((width) => [true, false].flatMap((javascript) => [false, true].map((dark) =>
  // Each width by keyboard once with and once without scripts; by pointer otherwise.
  ({ width, javascript, dark, keyboard: (width === 320) !== javascript }))));

const named = ({ width, javascript, dark, keyboard }) =>
  `${width} pixels, ${dark ? "dark" : "light"}, ${javascript ? "with" : "without"} JavaScript, by ${keyboard ? "keyboard alone" : "pointer"}`;

/** Opens a place of the desk. */
const open = ({ page, room }, place) => page.goto(`${room.base}/desk${place}`);

/** The number of a story by a part of its headline. */
async function numberOf(walk, headline) {
  await open(walk, "/n/week/stories");
  const path = await walk.page.$$eval("h3 a", (links, headline) => links.find((link) => link.innerText.includes(headline))?.href, headline);
  assert.ok(path, `there is no story "${headline}"`);
  return path.split("/").pop();
}

/** Looks at a page again until it says something. */
async function untilItSays(walk, place, words) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    await open(walk, place);
    if (words.test(await text(walk.page))) return;
  }
  assert.fail(`${place} never says ${words}:\n${await text(walk.page)}`);
}

const joining = {
  "an invitation is taken": async (walk) => {
    const { page, hands, room } = walk;
    const link = room.invite(mona, "Mona");
    await page.goto(link);
    await hands.isClean();
    await hands.fill("#new", password);
    await hands.fill("#again", "another quiet harbour");
    await hands.press("Choose this password and sign in");
    await hands.says(/The two passwords differ/);
    await hands.isClean();
    for (const field of ["#new", "#again"]) await hands.fill(field, password);
    await hands.press("Choose this password and sign in");
    await hands.says(/No\. 215/);
    await page.goto(link);
    await hands.says(/does not work any more/);
    await hands.isClean();
  },
  "one signs out, and in again where one wanted to go": async (walk) => {
    const { page, hands } = walk;
    await open(walk, "/account");
    await hands.press("Sign out");
    await open(walk, "/audit");
    await hands.says(/For the editors of/);
    await hands.isClean();
    await hands.fill("#address", mona);
    await hands.fill("#password", "not the password");
    await hands.press("Sign in");
    await hands.says(/The address or the password is wrong\./);
    assert.equal(await hands.value("#address"), mona);
    await hands.isClean();
    await hands.fill("#password", password);
    await hands.press("Sign in");
    assert.match(page.url(), /\/desk\/audit$/);
  },
};

const reading = {
  "the first page says in a sentence where the issue stands": async (walk) => {
    await untilItSays(walk, "", /No\. 215 waits for an editor: approved, it goes out on \w+ \d+ \w+, \d\d:\d\d, to 60 readers/);
    await walk.hands.isClean();
  },
  "the places of the bar are led to": async (walk) => {
    const { page, hands } = walk;
    await open(walk, "");
    for (const [place, words] of [["Issues", /What went out/], ["Sources", /All of them answer/], ["Audit", /What people did by hand/], ["You, Mona", /You sign in as/], ["Desk", /No\. 215/]]) {
      await hands.press(place);
      await hands.says(words);
      assert.equal((await page.$$("nav [aria-current=page]")).length, 1);
      await hands.isClean();
    }
  },
  "the sources and their health are seen": async (walk) => {
    await open(walk, "/sources");
    await walk.hands.says(/The Desk[^]*Healthy/);
  },
};

const handling = {
  "a story says why, is pinned, dropped and taken back in": async (walk) => {
    const { hands } = walk;
    await open(walk, "/n/week/stories");
    await hands.open(".stories > li details > summary");
    await hands.says(/Score\s+\d+: source 50/);
    await hands.press("Pin: A new ferry");
    await hands.says(/By hand: pinned/);
    await hands.press("Unpin: A new ferry");
    await hands.saysNot(/By hand/);
    await hands.press("Drop: A new ferry");
    await hands.says(/Not in this issue/);
    await hands.isClean();
    await hands.press("Take back in: A new ferry");
    await hands.saysNot(/By hand/);
  },
  "a story is moved to another section, and back": async (walk) => {
    const { hands } = walk;
    await open(walk, `/n/week/stories/${await numberOf(walk, "Harbour fees rise")}`);
    await hands.choose("#f-section", "The sea");
    await hands.press("Save");
    await hands.says(/By hand: section/);
    await hands.press("button[name=back][value=section]");
    await hands.saysNot(/By hand/);
  },
  "the words of a story are changed, told apart from the program's, and taken back": async (walk) => {
    const { hands } = walk;
    await open(walk, `/n/week/stories/${await numberOf(walk, "Harbour fees rise")}`);
    const before = { title: await hands.value("#f-title"), summary: await hands.value("#f-summary") };
    await hands.fill("#f-title", "Harbour fees rise again");
    await hands.fill("#f-summary", "For the third time.");
    await hands.fill("#f-picture", "none");
    await hands.fill("#f-alt", "A quay at low tide");
    await hands.fill("#f-credit", "Piet Amsel");
    await hands.press("Save");
    await hands.says(/By hand: headline, summary, picture, words of the picture/);
    await hands.says(/23 characters/);
    await hands.says(/Headline, as the program makes it\s+Harbour fees rise\n/);
    await hands.isClean();
    for (const field of ["credit", "alt", "picture", "summary"]) await hands.press(`button[name=back][value=${field}]`);
    assert.equal(await hands.value("#f-summary"), before.summary);
    await hands.says(/By hand: headline/);
    await hands.press("button[name=back][value=title]");
    assert.equal(await hands.value("#f-title"), before.title);
    // Even taking back is taken back.
    await hands.press("Undo the latest change");
    assert.equal(await hands.value("#f-title"), "Harbour fees rise again");
    await hands.press("button[name=back][value=title]");
  },
  "a picture that cannot be had is refused, and nothing is changed": async (walk) => {
    const { hands } = walk;
    await open(walk, `/n/week/stories/${await numberOf(walk, "Harbour fees rise")}`);
    await hands.fill("#f-picture", "http://127.0.0.1:1/boat.png");
    await hands.press("Save");
    await hands.says(/Nothing was changed/i);
    await hands.isClean();
  },
  "a story from outside is taken in by its address": async (walk) => {
    const { hands, site } = walk;
    await open(walk, "/n/week/stories");
    await hands.fill("#url", `${site.base}/nothing.html`);
    await hands.press("Add it");
    await hands.says(/Nothing was changed/);
    await hands.isClean();
    await open(walk, "/n/week/stories");
    await hands.fill("#url", `${site.base}/wall.html`);
    await hands.press("Add it");
    await hands.says(/About the wall[^]*By hand: pinned/);
    await hands.isClean();
  },
  "subject, preheader, note, lead, order and introduction are written and taken back": async (walk) => {
    const { hands } = walk;
    await open(walk, "/n/week/face");
    const subject = await hands.value("#f-subject");
    await hands.fill("#f-subject", "What the tide took, and what it will bring back to the harbour");
    await hands.fill("#f-preheader", "A line beside it");
    await hands.fill("#f-note", "A *quiet* week.");
    await hands.choose("#f-lead", "The lighthouse is painted");
    await hands.fill("#o-sea", "1");
    await hands.fill("#o-economy", "2");
    await hands.fill("#f-intro-sea", "What floats.");
    await hands.press("Save");
    await hands.says(/A phone shows: What the tide took, and what it will bri/);
    await hands.says(/Ordered by Mona/);
    await hands.isClean();
    for (const field of ["preheader", "lead", "sections", "intro-sea", "note", "subject"]) await hands.press(`button[name=back][value=${field}]`);
    assert.equal(await hands.value("#f-subject"), subject);
    await hands.saysNot(/Written by Mona|Ordered by Mona/);
    await hands.press("Undo the latest change");
    await hands.says(/A phone shows: What the tide took/);
  },
};

const dating = {
  "a date is moved, skipped and restored": async (walk) => {
    const { hands } = walk;
    await open(walk, "/n/week/dates");
    // The third date: the first has an issue that is worked on.
    const third = (selector) => `.dates > li:nth-child(3) ${selector}`;
    await hands.open(third("summary"));
    await hands.fill(third("[name=because]"), "Good Friday");
    await hands.keys(third("[name=to]"), ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp"]);
    await hands.press(third("button[value=move]"));
    await hands.says(/Instead of \w+ \d+ \w+, \d\d:\d\d: Good Friday/);
    await hands.isClean();
    await hands.press(third("button[value=restore]"));
    await hands.says(/is as the schedule has it/);
    await hands.open(third("summary"));
    await hands.fill(third("[name=because]"), "Midsummer");
    await hands.press(third("button[value=skip]"));
    await hands.says(/Skipped: Midsummer/);
    await hands.press(third("button[value=restore]"));
  },
  "the newsletter pauses and goes on": async (walk) => {
    const { hands } = walk;
    await open(walk, "/n/week/dates");
    await hands.keys("#until", [..."0102", ...String(new Date().getFullYear() + 1)]);
    await hands.fill("#why", "Winter");
    await hands.press("button[value=pause]");
    await hands.says(/The newsletter is paused/);
    await hands.says(/Paused: Winter/);
    await hands.isClean();
    await hands.press("End the pause");
    await hands.saysNot(/Paused: Winter/);
    // Its issue, which was composed, comes back.
    await untilItSays(walk, "", /No\. 215 waits for an editor/);
  },
};

const looking = {
  "each view of the preview is shown, and why beside it": async (walk) => {
    const { page, hands } = walk;
    await open(walk, "/n/week/preview");
    await hands.isClean();
    for (const [view, name] of [["wide", "Desktop"], ["phone", "Phone"], ["dark", "Dark"], ["bare", "No pictures"], ["text", "Plain text"]]) {
      if (!hands.keyboard) await page.click(`label[for=v-${view}]`);
      else if (view === "wide") await hands.keys("#v-wide", []);
      else await page.keyboard.press("ArrowRight");
      const shown = await page.$$eval(".pane", (panes) => panes.filter((pane) => pane.checkVisibility()).map((pane) => pane.className));
      assert.deepEqual(shown, [`pane p-${view}`], name);
      const frame = await (await page.waitForSelector(`.p-${view} iframe`)).contentFrame();
      await frame.waitForSelector(view === "text" ? "pre" : "h1", { timeout: patience });
    }
    await hands.open(".reasons li summary");
    await hands.says(/Why in, why out[^]*Score\s+\d+: /);
  },
  "a reader's choice is looked at": async (walk) => {
    const { page, hands } = walk;
    await open(walk, "/n/week/preview");
    await hands.open("As a reader of everything");
    await hands.open("Economy");
    await hands.press("Show");
    await hands.says(/As a reader of 1 of 2 topics/);
    await hands.says(/Not for this reader/);
    await hands.isClean();
    const cookie = walk.session.map(({ name, value }) => `${name}=${value}`).join("; ");
    const view = await page.$eval(".p-wide iframe", (frame) => frame.src);
    const html = await (await fetch(view, { headers: { cookie } })).text();
    assert.ok(html.includes("215#economy") && !html.includes("215#sea"), view);
  },
  "a test goes to oneself, and to nobody else": async (walk) => {
    const { hands, room } = walk;
    await open(walk, "");
    await hands.press(walk.width < 680 ? "Test" : "Send a test to me");
    await hands.says(/a test is on its way to you/);
    assert.equal(room.mailTo(mona).filter((mail) => /^Subject: \[Test\]/m.test(mail)).length, 1);
    assert.equal(room.mailTo("@reader.example").length, 0);
  },
  "somebody outside looks by a link, and can do nothing by it": async (walk) => {
    const { page, hands } = walk;
    await open(walk, "/n/week/preview");
    await hands.press("Make a link");
    const link = await hands.value("#link");
    await withPage(page.browser(), { ...walk, refusals: [404] }, async (outside) => {
      const theirs = new Hands(outside, walk);
      await outside.goto(link);
      await theirs.says(/No\. 215 as it would go now/);
      await theirs.isClean();
      assert.equal((await outside.$$("form, button")).length, 0);
      assert.deepEqual(await outside.cookies(), []);
      await outside.goto(`${link.slice(0, -2)}AA`);
      await theirs.says(/This link does not work/);
      await theirs.isClean();
    });
  },
};

const deciding = {
  "an issue is approved, held and let go, and a change asks again": async (walk) => {
    const { hands, room } = walk;
    await open(walk, "/n/week/preview");
    await hands.press("Approve");
    await hands.says(/No\. 215 goes out on/);
    assert.equal(room.issue().state, "approved");
    await hands.press("Hold");
    await hands.says(/No\. 215 is held and does not go out/);
    await hands.isClean();
    await hands.press("Let go");
    assert.equal(room.issue().state, "approved");
    await open(walk, "/n/week/face");
    await hands.fill("#f-note", "A quiet week, all in all.");
    await hands.press("Save");
    await hands.says(/No\. 215 waits for an editor/);
    await open(walk, "/n/week/preview");
    await hands.press("Approve");
    assert.equal(room.issue().state, "approved");
  },
  "an issue is stopped on its way, goes on, is stopped and reopened": async (walk) => {
    const { hands, room } = walk;
    const sending = room.begin("send", "--early", "--yes");
    await untilItSays(walk, "", /No\. 215 is going out: [1-9]\d* of 60 accepted/);
    await hands.isClean();
    await hands.press("Stop");
    await hands.says(/No\. 215 is stopped: \d+ of 60 readers have it/);
    assert.equal(room.issue().state, "paused");
    sending.kill();
    await hands.isClean();
    const had = room.issue().deliveries.accepted;
    await hands.press("Go on");
    await untilItSays(walk, "", new RegExp(`No\\. 215 is going out: (?!${had} )\\d+ of 60 accepted`));
    await hands.press("Stop");
    const end = Date.now() + patience;
    do {
      await open(walk, "");
      await hands.press("Reopen");
    } while (/still in the relay's hands/.test(await text(walk.page)) && Date.now() < end);
    await hands.says(/is open again and waits for approval; \d+ have it or may have it and get no other/);
    assert.equal(room.issue().state, "waiting");
    const mails = room.mailTo("@reader.example").length;
    assert.ok(mails > had && mails < 60, `${mails} of 60`);
  },
};

const leaving = {
  "who did what is kept": async (walk) => {
    await open(walk, "/audit");
    for (const deed of ["pause", "skip", "move", "add", "look", "test", "hold", "approve", "resume", "reopen", "edit", "undo"]) {
      await walk.hands.says(new RegExp(`Did\\s+${deed}|\\t${deed}\\b`));
    }
    await walk.hands.isClean();
  },
  "a password is changed, and one is signed out everywhere": async (walk) => {
    const { page, hands } = walk;
    await open(walk, "/account");
    await hands.fill("#old", "not the password");
    for (const field of ["#new", "#again"]) await hands.fill(field, "five loud lighthouses");
    await hands.press("Change the password");
    await hands.says(/The password until now is not the right one/);
    await hands.isClean();
    await hands.fill("#old", password);
    for (const field of ["#new", "#again"]) await hands.fill(field, "five loud lighthouses");
    await hands.press("Change the password");
    await hands.says(/changed their password/);
    await hands.press("Sign out everywhere");
    assert.match(page.url(), /\/sign-in/);
    await page.goBack();
    await open(walk, "/audit");
    assert.match(page.url(), /\/sign-in\?next=/, "the way back shows nothing");
  },
};

const paths = { ...joining, ...reading, ...handling, ...dating, ...looking, ...deciding, ...leaving };

let browser;
let elsewhere;
before(async () => {
  browser = await launch();
  elsewhere = await site((base) => ({
    "/map.xml": `<urlset><url><loc>${base}/boats.html</loc></url></urlset>`,
    "/boats.html": story("About the boats", "boats"),
    "/wall.html": story("About the wall", "walls"),
  }));
});
after(async () => {
  await browser?.close();
  elsewhere?.close();
});

for (const combination of combinations) {
  describe(named(combination), () => {
    let room;
    let session = [];
    before(async () => {
      const further = `[[sources]]\nid = "site"\nname = "The Site"\nkind = "sitemap"\nurl = "${elsewhere.base}/map.xml"\nallow_private = true`;
      room = await newsroom({ readers: 60, further });
    });
    after(() => room?.close());

    for (const [name, walked] of Object.entries(paths)) {
      test(name, () =>
        withPage(browser, { ...combination, height: 800, refusals: [404, 409, 422] }, async (page) => {
          await page.setCookie(...session);
          await walked({ ...combination, page, room, session, site: elsewhere, hands: new Hands(page, combination) });
          session = await page.cookies(`${room.base}/desk`);
        }));
    }
  });
}

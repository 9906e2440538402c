// A whole Friday at the desk on a phone, without a script: see, ask why, pin, drop, retitle, write the subject and the note, look, test, approve,
// hold, change once more, let it go, stop it in the middle, open it again, send the rest, and tell its readers what was wrong in it. tests/it/friday.rs does the same on the command line.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, sidewaysOverflow, withPage } from "./support/browser.mjs";
import { button, press, text } from "./support/hands.mjs";
import { newsroom, password } from "./support/newsroom.mjs";

const mona = "mona@harbour.example";
/** How many milliseconds a slow machine may take for what comes by itself. */
const patience = 120_000;
let browser;
let room;

before(async () => {
  browser = await launch();
  room = await newsroom();
});

after(async () => {
  await browser?.close();
  await room?.close();
});

async function type(page, selector, words) {
  await page.click(selector, { count: 3 });
  await page.keyboard.down("Control");
  await page.keyboard.press("KeyA");
  await page.keyboard.up("Control");
  await page.keyboard.type(words);
}

async function says(page, words) {
  assert.match(await text(page), words);
}

/** Neither axe nor a thumb finds anything wrong, narrow and wide. */
async function clean(page) {
  for (const width of [320, 1200]) {
    await page.setViewport({ width, height: 800 });
    assert.equal(await sidewaysOverflow(page), 0, `sideways scrolling at ${width} pixels on ${page.url()}`);
    // Scripts are off here, and axe is one: what it needs is asked of the tree of accessibility instead.
    const nameless = await page.$$eval("main button, main a, main input:not([type=hidden]), main textarea", (all) =>
      all.filter((one) => !(one.textContent.trim() || one.labels?.length || one.getAttribute("aria-label"))).map((one) => one.outerHTML));
    assert.deepEqual(nameless, []);
  }
  await page.setViewport({ width: 320, height: 800 });
}

/** Looks at a page again until it says something. */
async function untilItSays(page, address, words) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    await page.goto(address);
    if (words.test(await text(page))) return;
  }
  assert.fail(`${address} never says ${words}:\n${await text(page)}`);
}

test("a whole Friday on a phone", () =>
  withPage(browser, { width: 320, height: 640, javascript: false }, async (page) => {
    const desk = `${room.base}/desk`;
    await page.goto(room.invite(mona, "Mona"));
    for (const field of ["#new", "#again"]) await page.type(field, password);
    await press(page, "Choose this password and sign in");

    // See where it stands.
    await untilItSays(page, desk, /No\. 215 waits for an editor: approved, it goes out on \w+ \d+ \w+, \d\d:\d\d, to 12 readers/);

    // Ask why.
    await press(page, "Stories");
    await (await button(page, "Why")).click();
    await says(page, /Score\s+\d+: source 50/);

    // Pin, drop, retitle.
    await press(page, "Pin: A new ferry");
    await says(page, /By hand: pinned/);
    await press(page, "Drop: The lighthouse is painted");
    await says(page, /Not in this issue/);
    await press(page, "Edit: Harbour fees rise");
    await type(page, "#f-title", "Harbour fees rise again");
    await press(page, "Save");
    await says(page, /Written by Mona/);
    await says(page, /23 characters/);

    // A change that was wrong is taken back, and made again.
    await press(page, "Undo the latest change");
    assert.equal(await page.$eval("#f-title", (field) => field.value), "Harbour fees rise");
    await type(page, "#f-title", "Harbour fees rise again");
    await press(page, "Save");

    // The subject and the note.
    await page.goto(`${desk}/n/week/face`);
    await type(page, "#f-subject", "What the tide took, and what it will bring back to the harbour");
    await type(page, "#f-note", "A *quiet* week.");
    await press(page, "Save");
    await says(page, /A phone shows: What the tide took, and what it will bri/);

    // Look at it.
    await press(page, "Preview");
    await says(page, /What the tide took/);
    const shown = await page.$eval(".p-text iframe", (frame) => frame.src);
    const looking = await page.browserContext().newPage();
    await looking.goto(shown);
    const issue = await looking.$eval("body", (body) => body.innerText);
    await looking.close();
    assert.match(issue, /Harbour fees rise again/);
    assert.match(issue, /A quiet week/);
    assert.doesNotMatch(issue, /lighthouse/);

    // A test to oneself, and to nobody else.
    await press(page, "Test");
    await says(page, /a test is on its way to you/);
    const tests = room.mailTo(mona).filter((mail) => /^Subject: \[Test\]/m.test(mail));
    assert.equal(tests.length, 1);
    assert.match(tests[0], /^Subject: \[Test\] What the tide took/m);
    assert.equal(room.mailTo("reader0@").length, 0);

    // Approve, hold, let go; a change asks again.
    await page.goto(`${desk}/n/week/preview`);
    await press(page, "Approve");
    await says(page, /No\. 215 goes out on/);
    assert.equal(room.issue().state, "approved");
    await press(page, "Hold");
    await says(page, /No\. 215 is held and does not go out/);
    await press(page, "Let go");
    await says(page, /No\. 215 goes out on/);
    await page.goto(`${desk}/n/week/face`);
    await type(page, "#f-note", "A quiet week, all in all.");
    await press(page, "Save");
    await says(page, /No\. 215 waits for an editor/);
    await page.goto(`${desk}/n/week/preview`);
    await press(page, "Approve");

    // Stop it while it goes out, when somebody has it.
    const sending = room.begin("send", "--early", "--yes");
    await untilItSays(page, desk, /No\. 215 is going out: [1-9]\d* of 12 accepted/);
    await press(page, "Stop");
    await says(page, /No\. 215 is stopped: \d+ of 12 readers have it/);
    assert.equal(room.issue().state, "paused");
    sending.kill();
    const had = room.issue().deliveries.accepted;
    assert.ok(had > 0 && had < 12, `${had} of 12`);

    // Open it again, correct what was wrong, and let it go to the others.
    const end = Date.now() + patience;
    do {
      await page.goto(desk);
      await press(page, "Reopen");
    } while (/still in the relay's hands/.test(await text(page)) && Date.now() < end);
    await says(page, /is open again and waits for approval; \d+ have it or may have it and get no other/);
    await page.goto(`${desk}/n/week/face`);
    await type(page, "#f-note", "A quiet week, corrected.");
    await press(page, "Save");
    await page.goto(`${desk}/n/week/preview`);
    await press(page, "Approve");
    room.run("send", "--early", "--yes");
    const sent = room.issue();
    assert.equal(sent.deliveries.accepted, 12);
    assert.equal(Object.keys(sent.recipients_by_revision).length, 2);
    const corrected = Array.from({ length: 12 }, (_, n) => room.mailTo(`reader${n}@`));
    assert.ok(corrected.every((mails) => mails.length === 1), "each reader got one mail");

    // After the send: a story reads differently, and those who have the issue are told; the letter is looked at first.
    const after = `${desk}/n/week/sent/215`;
    await page.goto(`${desk}/issues`);
    assert.equal(await page.$eval("main th .under a", (link) => link.href), after);
    await page.goto(after);
    const opened = await page.$$eval("main details", (all) => all.findIndex((one) => one.closest("li").innerText.includes("Harbour fees")));
    await (await page.$$("main details summary"))[opened].click();
    const form = (await page.$$("main details form"))[opened];
    const field = async (name) => `#${await (await form.$(`[name=${name}]`)).evaluate((one) => one.id)}`;
    await type(page, await field("title"), "Harbour fees rise a little");
    await type(page, await field("note"), "They rise by a tenth.");
    await (await form.$("button[value=amend]")).evaluate((one) => one.scrollIntoView({ block: "center" }));
    await Promise.all([page.waitForNavigation(), (await form.$("button[value=amend]")).click()]);
    await says(page, /reads differently on the web from now on/);
    await type(page, "#words", "The fees rise by a *tenth*.");
    await press(page, "Show me the letter");
    await says(page, /The letter, to 12 readers/);
    await says(page, /Correction to No\. 215/);
    await clean(page);
    await press(page, "Mail it to 12 readers");
    await says(page, /is being corrected by a letter/);
    await untilItSays(page, after, /mailed to 12 of 12, stands in the next issue/);
    assert.equal(room.mailTo("reader3@").length, 2);

    // A reader asks by telephone to be taken off.
    await press(page, "Readers");
    await page.type("#address", "reader3@reader.example");
    await press(page, "Find");
    await says(page, /imported/);
    await clean(page);
    await press(page, "Unsubscribe from The Harbour Week");
    await says(page, /They get no more of week\./);

    // Who did what.
    await page.goto(`${desk}/audit`);
    for (const deed of ["hold", "reopen", "approve", "test", "edit", "undo", "amend", "correct", "unsubscribe"]) await says(page, new RegExp(`Mona\\s+Did\\s+${deed}|Did\\s+${deed}`));
  }));

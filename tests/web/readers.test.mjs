// A reader's way from sign-up to goodbye, in a real browser against the real program, with its mails in the outbox: on a phone, with and without
// JavaScript, by keyboard alone, and every page on the way clean in every width and light.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { withPage } from "./support/browser.mjs";
import { answer, answerByKeyboard, follow, isClean, press, tabTo, text } from "./support/reader.mjs";
import { elsewhere } from "./support/service.mjs";
import { stage } from "./support/stage.mjs";

const here = stage();

async function ledger(address) {
  const shown = JSON.parse(await here.service.run(here.service.program, ["--quiet", "subscribers", "show", address, "--json"]));
  return shown.consent ?? shown.history;
}

test("a reader signs up on a phone, confirms, chooses, gets their cut, moves and leaves, and the ledger tells it", () =>
  here.page({ width: 320 }, async (page) => {
    const [old, next] = ["ida.marlow@readers.example", "ida@elsewhere.example"];
    await page.goto(`${here.base}/subscribe`);
    await page.type("#address", old);
    await press(page, "main form button");
    assert.ok((await text(page)).includes("Check your mail"));
    const confirm = here.service.link(await here.service.letter(old), "c");
    await page.goto(confirm);
    await answer(page);
    assert.ok((await text(page)).includes("You are on the list"));

    await press(page, "main a.button");
    const preferences = page.url();
    await page.click("input[value=topics]");
    for (const topic of ["energy", "culture"]) await page.click(`input[name=topic][value=${topic}]`);
    await press(page, ".save button");
    assert.ok((await text(page)).includes("Saved."));

    for (const topic of ["Energy", "Culture", "Security"]) {
      const story = `---\ntitle: ${topic} story of the coming week\nauthor: Ada Quill\ntags: [${topic}]\ndate: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\n\nWhat happened in ${topic}, at some length and with an end.\n`;
      writeFileSync(join(here.service.folder, "examples", "reports", `coming-${topic.toLowerCase()}.md`), story);
    }
    await here.service.run(here.service.program, ["--quiet", "collect"]);
    await here.service.run(here.service.program, ["--quiet", "send", "--newsletter", "week-in-review", "--early", "--yes"]);
    const issue = await here.service.letter(old, (mail) => mail.includes("\nList-Unsubscribe:"));
    const words = here.service.words(issue);
    assert.ok(words.includes("Energy story of the coming week") && words.includes("Culture story of the coming week"));
    // Two stories outside the choice are offered at the end, under a heading of their own, and nowhere before.
    assert.ok(!words.split(/next for you/i)[0].includes("Security story"), "a topic that was not chosen");

    await page.goto(preferences);
    await press(page, "button[value=address]");
    await answer(page);
    assert.ok((await text(page)).includes("A mail is on its way"));
    await page.goto(here.service.link(await here.service.letter(old, (mail) => here.service.words(mail).includes("/me/")), "me"));
    await page.type("#address", next);
    await answer(page);
    await page.goto(here.service.link(await here.service.letter(next), "me"));
    await answer(page);
    assert.ok((await text(page)).includes("Your address is changed"));
    assert.ok(here.service.words(await here.service.letter(old, (mail) => mail.includes("was changed"))).includes("/me/"), "the old address may undo it");

    await page.goto(here.base + here.service.leavingIn(issue));
    await answer(page);
    assert.ok((await text(page)).includes("You have left"));
    await page.type("#why", "Too many mails for me");
    await press(page, "main form button");
    assert.ok((await text(page)).includes("Thank you"));
    const events = (await ledger(next)).map((entry) => entry.event);
    assert.deepEqual(events, ["asked", "confirmed", "topics", "moved", "left", "reason"]);
  }));

for (const javascript of [true, false]) {
  test(`signing up and confirming take the keyboard alone, ${javascript ? "with" : "without"} JavaScript`, () =>
    here.page({ width: 320, javascript }, async (page) => {
      const address = `keys-${javascript}@readers.example`;
      await page.goto(`${here.base}/subscribe`);
      await tabTo(page, "#address");
      await page.keyboard.type(address);
      await tabTo(page, "summary");
      await page.keyboard.press("Enter");
      await tabTo(page, "input[name=topic][value='week-in-review/energy']");
      await page.keyboard.press("Space");
      await tabTo(page, "input[name=format]");
      await page.keyboard.press("ArrowDown");
      await follow(page, () => page.keyboard.press("Enter"));
      assert.ok((await text(page)).includes("Check your mail"));
      await page.goto(here.service.link(await here.service.letter(address), "c"));
      assert.ok((await text(page)).includes("Subjects: Energy"));
      await answerByKeyboard(page);
      assert.ok((await text(page)).includes("You are on the list"));
    }));
}

for (const javascript of [true, false]) {
  const how = javascript ? "with" : "without";

  test(`my link is sent by keyboard alone, ${how} JavaScript, and the same is said to a stranger`, () =>
    here.page({ width: 320, javascript }, async (page) => {
      const said = [];
      for (const address of ["otto.lindenkrone@readers.example", `stranger-${javascript}@readers.example`]) {
        await page.goto(`${here.base}/link`);
        await tabTo(page, "#address");
        await page.keyboard.type(address);
        await follow(page, () => page.keyboard.press("Enter"));
        said.push(await text(page));
      }
      assert.ok(said[0].includes("is on its way") && said[0] === said[1]);
      // One a day: the second time nothing is sent.
      const letter = await here.service.letter("otto.lindenkrone@readers.example", (mail) => here.service.words(mail).includes("Your private link"));
      await page.goto(here.service.link(letter, "p"));
      assert.ok((await text(page)).includes("otto.lindenkrone@readers.example"));
      assert.deepEqual(here.service.mails(`stranger-${javascript}@readers.example`), []);
    }));

  test(`language and format are chosen by keyboard alone, ${how} JavaScript`, () =>
    here.page({ width: 320, javascript }, async (page) => {
      const address = `tongue-${javascript}@readers.example`;
      await page.goto(`${here.base}/subscribe`);
      await page.type("#address", address);
      await press(page, "main form button");
      await page.goto(here.service.link(await here.service.letter(address), "c"));
      await answerByKeyboard(page);
      await tabTo(page, "main a.button");
      await follow(page, () => page.keyboard.press("Enter"));
      await tabTo(page, "select[name=language]");
      await page.keyboard.type("Deutsch");
      await tabTo(page, "input[name=format]");
      await page.keyboard.press("ArrowDown");
      await tabTo(page, ".save button");
      await follow(page, () => page.keyboard.press("Enter"));
      assert.equal(await page.$eval("html", (html) => html.lang), "de");
      assert.equal(await page.$eval("input[name=format]:checked", (radio) => radio.value), "text");
      const shown = JSON.parse(await here.service.week(["--quiet", "subscribers", "show", address, "--json"]));
      assert.equal(shown.language, "de");
    }));
}

test("the form of another site leads to ours with the address filled in, from a page of another origin", () =>
  here.page({ width: 320 }, async (page) => {
    const address = "embedded@readers.example";
    const form = `<!doctype html><html lang="en"><title>A friend</title><form method="post" action="${here.base}/subscribe"><label>Mail <input name="address" type="email"></label> <button>Join</button></form>
      <iframe title="The letter" src="${here.base}/subscribe/embed"></iframe>`;
    const friend = await elsewhere(form, here.service.friend);
    try {
      await page.goto(friend.url);
      const frame = await (await page.waitForSelector("iframe")).contentFrame();
      await frame.waitForSelector("form[action]");
      await page.type("input[name=address]", address);
      await press(page, "form button");
      assert.equal(new URL(page.url()).origin, new URL(here.base).origin);
      assert.equal(await page.$eval("#address", (field) => field.value), address);
      assert.deepEqual(here.service.mails(address), [], "nobody is written to before the button on our page");
      await isClean(page);
      await press(page, "main form button");
      await page.goto(here.service.link(await here.service.letter(address), "c"));
      await answer(page);
      const [asked] = await ledger(address);
      assert.ok(JSON.stringify(asked).includes(friend.url.replace(/\/$/, "")), JSON.stringify(asked));
    } finally {
      await friend.close();
    }
  }));

test("a page that may not carry the form gets nothing filled in, and no frame", async () => {
  const visit = here.page({ width: 320 }, async (page) => {
    const form = `<!doctype html><html lang="en"><title>A stranger</title><form method="post" action="${here.base}/subscribe"><input name="address"><button>Join</button></form>
      <iframe title="The letter" src="${here.base}/subscribe/embed"></iframe>`;
    const stranger = await elsewhere(form);
    try {
      await page.goto(stranger.url);
      const frame = await (await page.waitForSelector("iframe")).contentFrame();
      assert.equal(await frame.$("form"), null, "the browser shows no frame");
      await page.type("input[name=address]", "stolen@readers.example");
      await press(page, "form button");
      assert.equal(await page.$eval("#address", (field) => field.value), "");
    } finally {
      await stranger.close();
    }
  });
  await assert.rejects(visit, /frame-ancestors|refused|Refused/);
  assert.deepEqual(here.service.mails("stolen@readers.example"), []);
});

test("a link whose time is over brings a new one by keyboard", () =>
  here.page({ width: 320 }, async (page) => {
    const address = "late@readers.example";
    await page.goto(`${here.base}/subscribe`);
    await page.type("#address", address);
    await press(page, "main form button");
    const first = here.service.link(await here.service.letter(address), "c");
    await here.service.run("python3", ["-c", `import sqlite3
database = sqlite3.connect("subscribers.db", timeout=30)
database.execute("UPDATE letter SET at = at - 691200000, expires_at = expires_at - 691200000 WHERE used_at IS NULL AND kind = 'confirm'")
database.commit()`]);
    await page.goto(first);
    assert.ok((await text(page)).includes("This link has expired"));
    await isClean(page);
    await tabTo(page, "main form button");
    await follow(page, () => page.keyboard.press("Enter"));
    assert.ok((await text(page)).includes("Check your mail"));
    const second = await here.service.letter(address, (mail) => here.service.link(mail, "c") !== first);
    await page.goto(here.service.link(second, "c"));
    await answerByKeyboard(page);
    assert.ok((await text(page)).includes("You are on the list"));
  }));

test("whoever got an issue passed on can subscribe by it, and by nothing of its reader", () => {
  const words = here.service.words(here.service.mails("amal.richtering@readers.example")[0]);
  const passed = words.match(/[^\n]*Forwarded[^\n]*(?:\n[^\n]*){0,2}/g).join("\n");
  const links = passed.match(/https?:[^\s"<>]*\/subscribe[^\s"<>]*/g);
  assert.ok(links?.length > 0, passed);
  for (const link of links) assert.match(link, /\/subscribe$/);
});

for (const dark of [false, true]) {
  test(`every page on the way is clean, ${dark ? "dark" : "light"}`, () =>
    here.page({ width: 320, dark }, async (page) => {
      const address = `clean-${dark}@readers.example`;
      await page.goto(`${here.base}/subscribe`);
      await page.click("summary");
      await isClean(page);
      await page.type("#address", `jo-${dark}@gmial.com`);
      await press(page, "main form button");
      assert.ok((await text(page)).includes("Did you mean"));
      await isClean(page);
      await page.$eval("#address", (field, value) => (field.value = value), address);
      await press(page, "button[name=sure]");
      await isClean(page);
      const confirm = here.service.link(await here.service.letter(address), "c");
      await page.goto(confirm);
      await isClean(page);
      await answer(page);
      await isClean(page);
      await press(page, "main a.button");
      await isClean(page);
      await press(page, "button[value=erase]");
      await isClean(page);
      await answer(page);
      const erase = here.service.link(await here.service.letter(address, (mail) => here.service.words(mail).includes("/me/")), "me");
      await page.goto(erase);
      await isClean(page);
      await answer(page);
      assert.ok((await text(page)).includes("You are erased"));
      await isClean(page);
      for (const path of ["/link", "/link/sent", "/me/asked", "/subscribe/embed"]) {
        await page.goto(here.base + path);
        await isClean(page);
      }
    }));
}

test("a link that does nothing any more says kindly what to do", async () => {
  const links = [];
  await here.page({}, async (page) => {
    await page.goto(`${here.base}/subscribe`);
    await page.type("#address", "gone@readers.example");
    await press(page, "main form button");
    links.push(here.service.link(await here.service.letter("gone@readers.example"), "c"));
    await page.goto(links[0]);
    await answer(page);
    await press(page, "main a.button");
    await press(page, "section a.button.plain");
    await answer(page);
  });
  await assert.rejects(
    here.page({ width: 320 }, async (page) => {
      await page.goto(links[0]);
      assert.ok((await text(page)).includes("Sign up again"));
      await isClean(page);
    }),
    /status of 410/,
  );
});

// Kept beside this project: CI has it, a contributor may not.
const checker = fileURLToPath(new URL("../../../shared/checks/check_message.py", import.meta.url));
const python = fileURLToPath(new URL("../../target/python/bin/python3", import.meta.url));
const isMissing = !existsSync(checker) && process.env.CI !== "true";

test("the checker of messages finds nothing in a confirmation mail", { skip: isMissing && `there is no ${checker}` }, async () => {
  await here.page({}, async (page) => {
    await page.goto(`${here.base}/subscribe`);
    await page.type("#address", "checked@readers.example");
    await press(page, "main form button");
  });
  const mail = join(here.service.folder, "confirmation.eml");
  writeFileSync(mail, await here.service.letter("checked@readers.example"));
  const said = await here.service.run(python, [checker, mail, "--kind", "confirm", "--postal", "7 Lantern Row"]);
  assert.doesNotMatch(said, /^FAIL MUST/m);
  assert.match(said, /MUST (\d+)\/\1 /);
});

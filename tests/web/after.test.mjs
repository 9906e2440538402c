// What editors do after a send, and for one reader who asks by telephone, at the desk in a real browser by keyboard alone: narrow and wide, light and dark, with and
// without JavaScript.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, withPage } from "./support/browser.mjs";
import { Hands, press, text } from "./support/hands.mjs";
import { newsroom, password } from "./support/newsroom.mjs";

const mona = "mona@harbour.example";
const combinations = [
  { width: 320, javascript: false, dark: true },
  { width: 320, javascript: true, dark: false },
  { width: 1200, javascript: true, dark: true },
  { width: 1200, javascript: false, dark: false },
];
const named = ({ width, javascript, dark }) => `${width} pixels, ${dark ? "dark" : "light"}, ${javascript ? "with" : "without"} JavaScript`;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** What the public sees of the issue. */
const publicPage = async (room) => {
  const answer = await fetch(`${room.base}/week/215`);
  return { status: answer.status, words: await answer.text() };
};

for (const combination of combinations) {
  describe(named(combination), () => {
    let room;
    let session;
    before(async () => {
      room = await newsroom({ readers: 3 });
      await withPage(browser, {}, async (page) => {
        await page.goto(room.invite(mona, "Mona"));
        for (const field of ["#new", "#again"]) await page.type(field, password);
        await press(page, "Choose this password and sign in");
        session = await page.cookies();
      });
      const send = () => room.run("send", "--newsletter", "week", "--early", "--yes");
      assert.throws(send, /waits for an editor/);
      room.run("issues", "approve", "215");
      send();
    });
    after(() => room?.close());

    /** A page of the desk in an editor's hands, who uses no pointer. */
    const at = (place, doing) =>
      withPage(browser, { ...combination, height: 800, refusals: [404, 422] }, async (page) => {
        await page.setCookie(...session);
        await page.goto(`${room.base}/desk${place}`);
        await doing(new Hands(page, { ...combination, keyboard: true }), page);
      });

    test("a reader is found and unsubscribed", () =>
      at("/readers", async (hands) => {
        await hands.isClean();
        await hands.fill("#address", "nobody@reader.example");
        await hands.press("Find");
        await hands.says(/Nobody with this address is known here/);
        await hands.isClean();
        await hands.fill("#address", "reader1@reader.example");
        await hands.press("Find");
        await hands.says(/What was recorded[^]*a test/);
        await hands.isClean();
        await hands.press("Unsubscribe from The Harbour Week");
        await hands.says(/They get no more of week\./);
        await hands.isClean();
      }));

    test("a letter is looked at and mailed once", () =>
      at("/issues", async (hands, page) => {
        await hands.isClean();
        await page.goto(`${room.base}/desk/n/week/sent/215`);
        await hands.isClean();
        await hands.fill("#words", "The fees rise by **two** crowns.");
        await hands.press("Show me the letter");
        // The third has left since.
        await hands.says(/The letter, to 2 readers[^]*The fees rise by/);
        await hands.isClean();
        await hands.press("Mail it to 2 readers");
        await hands.says(/The fees rise by[^]*stands in the next issue/);
        await hands.isClean();
        await hands.press("Not in the next issue");
        await hands.saysNot(/stands in the next issue/);
      }));

    test("a story is changed, another taken out, and the public sees it at once", () =>
      at("/n/week/sent/215", async (hands, page) => {
        const open = async (headline) => {
          const at = await page.$$eval(".stories > li", (all, headline) => all.findIndex((one) => one.innerText.includes(headline)), headline);
          assert.ok(at >= 0, await text(page));
          await hands.open(`.stories > li:nth-child(${at + 1}) summary`);
          return `.stories > li:nth-child(${at + 1})`;
        };
        let story = await open("A new ferry");
        await hands.isClean();
        await hands.fill(`${story} input[name=title]`, "A second ferry");
        await hands.fill(`${story} input[name=note]`, "It is the second one.");
        await hands.press(`${story} button[value=amend]`);
        let shown = (await publicPage(room)).words;
        assert.ok(shown.includes("A second ferry") && shown.includes("It is the second one.") && !shown.includes("A new ferry"));
        story = await open("The lighthouse is painted");
        await hands.fill(`${story} input[name=note]`, "It is not painted.");
        await hands.press(`${story} button[value=remove]`);
        await hands.isClean();
        shown = (await publicPage(room)).words;
        assert.ok(shown.includes("It is not painted.") && !shown.includes("The lighthouse is painted"));
      }));

    test("an issue is withdrawn", () =>
      at("/n/week/sent/215", async (hands) => {
        await hands.fill("#n-gone", "It went out by mistake.");
        await hands.open("label.choice:has(input[name=sure])");
        await hands.press("Withdraw it");
        await hands.says(/Withdrawn: its page says so/);
        await hands.isClean();
        const { status, words } = await publicPage(room);
        assert.ok(status === 410 && words.includes("It went out by mistake."));
      }));
  });
}

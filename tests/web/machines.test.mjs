// Machines that check mail, in a real browser: one that opens every link of a mail, follows every link of every page, seen or not, fills every field, presses every
// button and sends every form. Nobody is confirmed, moved, erased or lost by it, no mail goes out, and the person who comes after it is served.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, press, signUp, text } from "./support/reader.mjs";
import { stage } from "./support/stage.mjs";

const here = stage();

const people = () => here.service.week(["--quiet", "subscribers", "list", "--json"]);

/** The links of a mail that lead to the program's own pages, whatever address they were frozen under. */
const linksIn = (mail) => {
  const found = here.service.words(mail).match(/https?:\/\/[^\s"<>]+/g) ?? [];
  const own = found.map((link) => new URL(link.replaceAll("&amp;", "&"))).filter((url) => url.hostname === "127.0.0.1" || url.pathname.startsWith("/newsletter/"));
  return [...new Set(own.map((url) => new URL(url.pathname + url.search, here.base).href))];
};

/** Runs in the page: does one of the things that a machine does there. Whether that leads to another page. */
function deed(n, fill) {
  for (const field of fill ? document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio], [type=date]), textarea") : []) {
    field.value = field.type === "email" ? "scanner@machine.example" : "1";
  }
  const buttons = [...document.querySelectorAll("main button")];
  const forms = [...document.querySelectorAll("main form")];
  // First as a finger would, where the browser insists on what is required; then around it; then each form without any button.
  const deeds = [
    ...buttons.map((button) => [button.form.noValidate || button.form.checkValidity(), () => button.click()]),
    ...buttons.map((button) => [true, () => ((button.form.noValidate = true), button.click())]),
    ...forms.map((form) => [true, () => form.submit()]),
  ];
  // Once it was caught pressing, the page has fewer buttons.
  const [leads, act] = deeds[n] ?? [false, () => undefined];
  setTimeout(act);
  return leads;
}

/** Walks through everything that can be reached from some links. Returns the pages it came to. */
async function scan(page, links, { fill, backwards }) {
  const [waiting, seen] = [[...links], new Set()];
  const key = (link) => link.split("#")[0].split("?")[0];
  while (waiting.length) {
    const link = waiting.shift();
    if (seen.has(key(link))) continue;
    seen.add(key(link));
    const answer = await page.goto(link).catch(() => undefined);
    if (!answer?.headers()["content-type"]?.startsWith("text/html")) continue;
    const found = await page.$$eval("a[href]", (all) => all.map((one) => one.href));
    waiting.push(...found.filter((one) => one.startsWith(`${here.base}/`)));
    const count = await page.evaluate(() => 2 * document.querySelectorAll("main button").length + document.querySelectorAll("main form").length);
    for (let n = 0; n < count; n++) {
      await page.goto(link);
      const moved = page.waitForNavigation({ timeout: 120_000 }).catch((error) => error);
      if (!(await page.evaluate(deed, backwards ? count - 1 - n : n, fill))) continue;
      const failed = await moved;
      assert.ok(!(failed instanceof Error), `${link}: ${failed}`);
      waiting.push(page.url());
    }
  }
  return seen;
}

/** The same, with the complaints of a browser about pages that refuse left aside. */
const scanned = async (links, how) => {
  let seen;
  await here.page({ images: false }, async (page) => (seen = await scan(page, links, how))).catch((error) => {
    const others = error.message.split("\n").filter((line) => !/status of (4\d\d)/.test(line));
    assert.deepEqual(others, []);
  });
  return seen;
};

for (const how of [{ fill: false, backwards: false }, { fill: true, backwards: true }]) {
  const name = `${how.fill ? "filling every field, from the last button to the first" : "from the first button to the last"}`;

  test(`a machine walks through the mail that asks for a confirmation, ${name}`, async () => {
    const address = `walked-${how.fill}@readers.example`;
    await here.page({}, async (page) => {
      await page.goto(`${here.base}/subscribe`);
      await page.type("#address", address);
      await press(page, "main form button");
    });
    const mail = await here.service.letter(address);
    const link = here.service.link(mail, "c");
    const before = await people();
    const seen = await scanned(linksIn(mail), how);
    assert.ok(seen.has(link) && seen.has(`${link}/x`) && seen.size > 10, [...seen].join("\n"));
    const known = (list) => JSON.parse(list).filter((one) => !JSON.stringify(one).includes("machine.example"));
    assert.deepEqual(known(await people()), known(before));
    await here.page({ width: 320, javascript: false }, async (page) => {
      await page.goto(link);
      await answer(page);
      assert.ok((await text(page)).includes("You are on the list"), "the person is not lost");
    });
  });

  test(`a machine walks through an issue, ${name}`, async () => {
    const address = `${how.fill ? "amal.richtering" : "otto.lindenkrone"}@readers.example`;
    const leaving = here.base + here.service.leaving(address);
    const [before, mails] = [await people(), here.service.mails(address).length];
    const seen = await scanned([leaving, ...linksIn(here.service.mails(address)[0])], how);
    assert.ok([...seen].some((link) => link.includes("/p/")) && seen.has(`${leaving}/x`), [...seen].join("\n"));
    const known = (list) => JSON.parse(list).filter((one) => !JSON.stringify(one).includes("machine.example"));
    assert.deepEqual(known(await people()), known(before), "nobody is lost");
    assert.equal(here.service.mails(address).length, mails, "and nobody is written to");
    // The button of a mail program works at once all the same (RFC 8058).
    const clicked = await fetch(leaving, { method: "POST", body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) });
    assert.equal(clicked.status, 200);
    assert.notEqual(await people(), before);
  });
}

test("a machine walks through the mails that erase and move, and the person is still here", async () => {
  const [address, next] = ["private@readers.example", "moved@readers.example"];
  const links = [];
  await here.page({}, async (page) => {
    await signUp(here, page, address);
    const preferences = page.url();
    for (const what of ["erase", "address"]) {
      await page.goto(preferences);
      await press(page, `button[value=${what}]`);
      await answer(page);
    }
    const isPrivate = (mail) => here.service.words(mail).includes("/me/");
    await here.service.letter(address, isPrivate);
    const second = () => here.service.mails(address).filter(isPrivate).length > 1;
    await here.service.letter(address, second);
    links.push(...here.service.mails(address).filter(isPrivate).map((mail) => here.service.link(mail, "me")));
  });
  const before = await people();
  await scanned(links, { fill: true, backwards: false });
  const known = (list) => JSON.parse(list).filter((one) => !JSON.stringify(one).includes("machine.example"));
  assert.deepEqual(known(await people()), known(before));
  assert.deepEqual(here.service.mails(next), []);
  assert.deepEqual(here.service.mails("scanner@machine.example").filter((mail) => here.service.words(mail).includes("/me/")), []);
});

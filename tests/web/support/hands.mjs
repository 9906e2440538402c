// An editor's hands on a page of the desk: by pointer, or by keyboard alone. Whatever is pressed or filled is found as a person finds it, by the words
// that are seen or read out.
import assert from "node:assert/strict";
import { accessibilityFaults, sidewaysOverflow } from "./browser.mjs";

const pressable = "button, a.button, .places a, header nav a, h3 a, summary, label.choice";

/** The words that are seen. */
export const text = (page) => page.$eval("main", (main) => main.innerText);

/** The place among all that can be pressed of what bears these words and can be seen. */
const placeOf = (page, words) =>
  page.$$eval(pressable, (all, words) => all.findIndex((element) =>
    (element.getAttribute("aria-label") ?? element.innerText.trim()) === words
      && element.checkVisibility() && element.getBoundingClientRect().width > 2), words);

/** The button, or the link that looks like one, with these words that can be seen and pressed. */
export async function button(page, words) {
  const at = await placeOf(page, words);
  assert.ok(at >= 0, `there is no button "${words}" on ${page.url()}:\n${await text(page)}`);
  const found = (await page.$$(pressable))[at];
  // Where the bar at the bottom does not cover it.
  await found.evaluate((element) => element.scrollIntoView({ block: "center" }));
  return found;
}

/** Does what leads to another page. */
export const follow = (page, doing) => Promise.all([page.waitForNavigation(), doing()]);

/** Presses a button that leads to another page. */
export async function press(page, words) {
  const found = await button(page, words);
  await follow(page, () => found.click());
}

/** Presses Tab until `selector` has the focus. */
export async function tabTo(page, selector) {
  // The frames of the preview have links of their own on the way.
  for (let presses = 0; presses < 300; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`${selector} cannot be reached by keyboard on ${page.url()}`);
}

/** What is wrong with the page at this width. At its end, where the bar of a phone covers nothing. */
export async function faults(page) {
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  const small = await page.$$eval("main button, main a.button, main summary, .hand-bar > *, nav a, main label.choice, .tabs label, input.text, select", (targets) =>
    targets
      .filter((target) => target.checkVisibility() && target.getBoundingClientRect().width > 2)
      .filter((target) => target.getBoundingClientRect().height < 43.9 && getComputedStyle(target).display !== "contents")
      .map((target) => `too small: ${target.outerHTML.slice(0, 120)}`));
  const wide = await sidewaysOverflow(page);
  return [...small, ...(wide ? [`${wide} pixels too wide`] : []), ...(await accessibilityFaults(page, { iframes: false }))];
}

/** Somebody at a page, who uses a pointer or only the keyboard. */
export class Hands {
  #wanted = 0;

  constructor(page, { keyboard, javascript }) {
    this.page = page;
    this.keyboard = keyboard;
    this.javascript = javascript;
  }

  /** Marks what is meant, so that the keyboard's focus is known to be on it. */
  async #mark(element) {
    const mark = `[data-wanted="${++this.#wanted}"]`;
    await element.evaluate((element, wanted) => (element.dataset.wanted = wanted), String(this.#wanted));
    return mark;
  }

  async #focus(element) {
    if (this.keyboard) await tabTo(this.page, await this.#mark(element));
    else {
      await element.evaluate((element) => element.scrollIntoView({ block: "center" }));
      await element.click();
    }
  }

  /** Presses what bears these words, or a selector finds, and waits for the page that it leads to. */
  async press(what) {
    const element = await this.#find(what);
    if (!this.keyboard) return follow(this.page, () => element.click());
    await tabTo(this.page, await this.#mark(element));
    return follow(this.page, () => this.page.keyboard.press("Enter"));
  }

  /** Opens a fold, or ticks a box: nothing is loaded. */
  async open(what) {
    const element = await this.#find(what);
    if (!this.keyboard) return element.click();
    // A label is pressed by the box within it.
    const target = (await element.$("input")) ?? element;
    await tabTo(this.page, await this.#mark(target));
    return this.page.keyboard.press("Space");
  }

  async #find(what) {
    if (!/^[.#]|\[/.test(what)) return button(this.page, what);
    const element = await this.page.$(what);
    assert.ok(element, `there is no ${what} on ${this.page.url()}`);
    if (!this.keyboard) await element.evaluate((element) => element.scrollIntoView({ block: "center" }));
    return element;
  }

  /** Writes into a field, whatever was in it. */
  async fill(selector, words) {
    await this.#focus(await this.#find(selector));
    await this.page.keyboard.down("Control");
    await this.page.keyboard.press("KeyA");
    await this.page.keyboard.up("Control");
    await this.page.keyboard.press("Backspace");
    await this.page.keyboard.type(words);
  }

  /** Puts the date or the time of a field where the keys lead it, from its first part on. */
  async keys(selector, keys) {
    const element = await this.#find(selector);
    if (this.keyboard) await tabTo(this.page, await this.#mark(element));
    else await element.focus();
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Takes one of the values of a list. */
  async choose(selector, words) {
    const element = await this.#find(selector);
    const value = await element.$$eval("option", (all, words) => all.find((option) => option.innerText.trim() === words)?.value, words);
    assert.notEqual(value, undefined, `${selector} does not offer "${words}"`);
    if (!this.keyboard) return this.page.select(selector, value);
    await tabTo(this.page, await this.#mark(element));
    await this.page.keyboard.type(words);
    assert.equal(await element.evaluate((list) => list.value), value, `the keyboard does not choose "${words}"`);
  }

  /** The value of a field. */
  value(selector) {
    return this.page.$eval(selector, (field) => field.value);
  }

  async says(words) {
    assert.match(await text(this.page), words);
  }

  async saysNot(words) {
    assert.doesNotMatch(await text(this.page), words);
  }

  /** Nothing is wrong with the page. What looks for faults is a script itself; without scripts the page is the same. */
  async isClean() {
    if (this.javascript) assert.deepEqual(await faults(this.page), [], this.page.url());
  }
}

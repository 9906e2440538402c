// What a reader does with a page, and what every page must be like that a reader comes to.
import assert from "node:assert/strict";
import { accessibilityFaults, sidewaysOverflow } from "./browser.mjs";

/** The words that are seen. */
export const text = (page) => page.$eval("main", (main) => main.innerText);

/** Presses Tab until `selector` has the focus. */
export async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`${selector} cannot be reached by keyboard`);
}

/** Does what leads to another page. */
export const follow = (page, doing) => Promise.all([page.waitForNavigation(), doing()]);
export const press = (page, selector) => follow(page, () => page.click(selector));

/** The number that a page asks for, as its words say; none where its one button is enough. */
const asked = async (page) => ((await page.$("#number")) ? page.$eval("main label[for=number]", (words) => words.innerText.match(/\d+/)[0]) : undefined);

/** The one button that a person sees, where pressing is enough. */
const BUTTON = "main form:not(.away) button[name=press]";

/** Answers a page as a person does: presses its button, or types the number that it asks for before that. */
export async function answer(page) {
  const number = await asked(page);
  if (!number) return press(page, BUTTON);
  await page.type("#number", number);
  await press(page, "form:has(#number) button");
}

/** Signs somebody up and confirms; the page of their preferences is open at the end. */
export async function signUp(here, page, address) {
  await page.goto(`${here.base}/subscribe`);
  await page.type("#address", address);
  await press(page, "main form button");
  await page.goto(here.service.link(await here.service.letter(address), "c"));
  await answer(page);
  await press(page, "main a.button");
}

/** The same by keyboard alone; `doing` what follows, if that is no page. */
export async function answerByKeyboard(page, doing = follow) {
  const number = await asked(page);
  await tabTo(page, number ? "#number" : BUTTON);
  if (number) await page.keyboard.type(number);
  await doing(page, () => page.keyboard.press("Enter"));
}

/** A page without a fault that axe knows, without sideways scrolling and without a target too small for a thumb. */
export async function isClean(page) {
  for (const width of [320, 1200]) {
    await page.setViewport({ width, height: 800 });
    assert.equal(await sidewaysOverflow(page), 0, `sideways scrolling at ${width} pixels on ${page.url()}`);
    assert.deepEqual(await accessibilityFaults(page), [], `at ${width} pixels on ${page.url()}`);
    const small = await page.$$eval("main button, main a.button, main label.choice, main summary, main .field", (targets) =>
      targets.filter((target) => target.checkVisibility() && !target.closest("[aria-hidden=true]") && target.getBoundingClientRect().height < 44).map((target) => target.outerHTML));
    assert.deepEqual(small, [], `at ${width} pixels on ${page.url()}`);
  }
  await page.setViewport({ width: 320, height: 800 });
}

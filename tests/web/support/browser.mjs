// A headless Chromium for the browser tests: Debian's, driven by puppeteer-core from target/browser (see scripts/setup).
// Nothing here may reach past loopback; a page that tries fails its test.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const require = createRequire(root + "target/browser/package.json");
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

/** The rules of a page that a reader opens: WCAG 2.2 A and AA. */
const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** How many milliseconds one look at a page may take: a walk through many pages on a slow machine needs a part of it. */
const patience = 300_000;

/** Starts a browser; `close()` it after the tests. */
export async function launch() {
  if (!chromium) throw new Error("no Chromium here: install the Debian package chromium, or run scripts/setup");
  const puppeteer = require("puppeteer-core");
  return puppeteer.launch({
    executablePath: chromium,
    headless: true,
    // As root Chromium has no sandbox; the pages are our own. No look-ups of its own either.
    args: ["--no-sandbox", "--lang=en-US", "--disable-dev-shm-usage", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
  });
}

/**
 * A page in a context of its own, closed when `look` is done. Fails on an error in the console, on a request that failed, and on one that
 * went to another machine. A refusal that is what one looks at is named in `refusals`, by its
 * status or by words of the console.
 * @param {{ width?: number, height?: number, dark?: boolean, javascript?: boolean, images?: boolean, refusals?: (number | string)[] }} view
 */
export async function withPage(browser, view, look) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const complaints = [];
  await page.setViewport({ width: view.width ?? 1280, height: view.height ?? 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.dark ? "dark" : "light" }]);
  await page.setJavaScriptEnabled(view.javascript ?? true);
  if (view.images === false) await blockImages(page);
  page.on("pageerror", (error) => complaints.push(`error on the page: ${error.message}`));
  const isRefusal = (said) => (view.refusals ?? []).some((known) => said.includes(typeof known === "number" ? `with a status of ${known}` : known));
  page.on("console", (message) =>
    message.type() === "error" && !isRefusal(message.text()) && complaints.push(`console: ${message.text()}`));
  page.on("request", (request) => {
    const isShown = view.images !== false || request.resourceType() !== "image";
    if (isShown && isForeign(request.url())) complaints.push(`request to another machine: ${request.url()}`);
  });
  // What waits for something that never comes fails, and says where, instead of keeping all tests waiting.
  let late;
  const timeout = new Promise((_, reject) => {
    late = setTimeout(() => reject(new Error(`nothing more happened on ${page.url()}`)), patience);
  });
  try {
    await Promise.race([look(page), timeout]);
  } finally {
    clearTimeout(late);
    await context.close();
  }
  if (complaints.length) throw new Error(complaints.join("\n"));
}

async function blockImages(page) {
  await page.setRequestInterception(true);
  page.on("request", (request) =>
    request.resourceType() === "image" ? request.respond({ status: 200, body: "" }) : request.continue());
}

function isForeign(url) {
  const { protocol, hostname } = new URL(url);
  return /^(https?|wss?|ftp):$/.test(protocol) && !["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}

/** What axe finds wrong on the page: one line per rule and place. */
export async function accessibilityFaults(page, options = {}) {
  await page.evaluate(require("axe-core").source);
  const { violations } = await page.evaluate(
    (run) => globalThis.axe.run(document, run),
    { runOnly: { type: "tag", values: wcag }, ...options },
  );
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${rule.help} (${node.target.join(" ")})`));
}

/** How many pixels the page is wider than its window: above 0 a reader on a phone must scroll sideways. */
export function sidewaysOverflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

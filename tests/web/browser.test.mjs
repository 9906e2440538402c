// The browser harness itself: a page without faults passes, and each kind of fault is seen. Without this a broken harness would find
// nothing wrong with any page.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { accessibilityFaults, launch, sidewaysOverflow, withPage } from "./support/browser.mjs";

const good = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Good</title><link rel="icon" href="data:,">
  <style>body { background: white; color: black } @media (prefers-color-scheme: dark) { body { background: black; color: white } }</style></head>
  <body><main><h1>Good</h1><p dir="rtl" lang="fa">هفته در یک نگاه</p></main></body></html>`;
const pages = {
  "/good": good,
  "/bad": good.replace("</main>", `<img src="data:," width="10" height="10"><p style="color: #ddd; background: #fff">faint</p><div style="width: 900px">wide</div></main>`),
  "/foreign": good.replace("</main>", `<img alt="" src="http://newsletter.example/pixel.gif"></main>`),
  "/broken": good.replace("</main>", `<script>nowhere()</script></main>`),
};

let browser;
let server;
let base;

before(async () => {
  browser = await launch();
  server = createServer((request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(pages[request.url] ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("a page without faults has none", async () => {
  await withPage(browser, { width: 375 }, async (page) => {
    await page.goto(base + "/good");
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.equal(await sidewaysOverflow(page), 0);
  });
});

test("faint text, a picture without words and sideways scrolling are seen", async () => {
  await withPage(browser, { width: 375 }, async (page) => {
    await page.goto(base + "/bad");
    const faults = (await accessibilityFaults(page)).join("\n");
    assert.match(faults, /image-alt/);
    assert.match(faults, /color-contrast/);
    assert.ok((await sidewaysOverflow(page)) > 0);
  });
});

test("the dark view is dark", async () => {
  await withPage(browser, { dark: true }, async (page) => {
    await page.goto(base + "/good");
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(0, 0, 0)");
  });
});

test("a request to another machine fails the test", async () => {
  await assert.rejects(withPage(browser, {}, (page) => page.goto(base + "/foreign")), /another machine/);
});

test("an error in a script fails the test", async () => {
  await assert.rejects(withPage(browser, {}, (page) => page.goto(base + "/broken")), /nowhere/);
});

test("without JavaScript no script runs", async () => {
  await withPage(browser, { javascript: false }, (page) => page.goto(base + "/broken"));
});

// A small site of somebody else on this machine, in a process of its own: commands that are waited for may ask it.
import { answers, begin, freePort } from "./service.mjs";

/** Runs in the child: serves pages by their paths. */
const serve = `
const [port, host, pages] = process.argv.slice(1);
const all = JSON.parse(pages);
require("node:http").createServer((request, response) => {
  const page = all[request.url];
  response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
  response.end(page ?? "There is no such page.");
}).listen(Number(port), host);
`;

/** Serves pages on a port of their own, under the name `host` of this machine. `close()` ends it. */
export async function site(pages, host = "127.0.0.1") {
  const port = await freePort();
  const base = `http://${host}:${port}`;
  const whole = { "/": "<title>A site</title>", "/favicon.ico": "", ...pages(base) };
  const child = begin(process.execPath, ["-e", serve, String(port), host, JSON.stringify(whole)]);
  await answers(base);
  return { base, close: () => child.kill() };
}

/** A page with a story. */
export const story = (title, words) => {
  const at = new Date(Date.now() - 5 * 3_600_000).toISOString();
  const body = Array.from({ length: 12 }, (_, n) => `On day ${n} the ${words} of the harbour were told of, and nobody at the quay heard it.`).join(" ");
  return `<!doctype html><html lang="en"><head><title>${title}</title><meta property="og:title" content="${title}">` +
    `<meta property="article:published_time" content="${at}"></head><body><article><h1>${title}</h1><p>${body}</p><p>${body}</p></article></body></html>`;
};

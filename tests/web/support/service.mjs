// The real program with the demo's week: its mails in an outbox, its pages and its preview on ports of their own. Ends with the tests.
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
export const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "week-in-review");

/** What a command that is waited for may take. */
export const waited = { timeout: 120_000, killSignal: "SIGKILL" };

/** Whatever runs beside the tests. */
const alive = new Set();
process.on("exit", () => alive.forEach((child) => child.kill("SIGKILL")));

/** Starts what runs beside the tests and is ended by `end`; where a failure comes in between, it is gone with them all the same, and nobody waits for it. */
export function begin(command, words, options) {
  const child = spawn(command, words, { stdio: ["ignore", "ignore", "inherit"], ...options });
  child.unref();
  alive.add(child);
  child.on("exit", () => alive.delete(child));
  return child;
}

/** Ends services as a machine that shuts down does. Half a minute is more than any of them needs; one that needs more is at fault. */
export async function end(services) {
  const late = [];
  const gone = services.filter((child) => child.exitCode === null && child.signalCode === null).map((child) =>
    new Promise((resolve) => {
      const kill = setTimeout(() => (late.push(child.pid), child.kill("SIGKILL")), 30_000);
      child.on("exit", () => (clearTimeout(kill), resolve()));
      child.kill("SIGTERM");
    }));
  await Promise.all(gone);
  if (late.length) throw new Error(`${late.length} services did not end when they were asked to`);
}

/** Runs the demo in a folder of its own. `close()` removes it and ends what was started in it. */
export function demo() {
  const home = mkdtempSync(join(tmpdir(), "week-in-review-"));
  execFileSync(program, ["demo", "--no-serve"], { cwd: home, stdio: ["ignore", "pipe", "pipe"], ...waited });
  return new Demo(home);
}

class Demo {
  #home;
  #base;
  #started = [];

  constructor(home) {
    this.#home = home;
    this.folder = join(home, "demo");
    this.program = program;
  }

  /** The pages, below a path as behind a proxy. `friend` is the port of the one other site that may carry the form. */
  async pages() {
    const port = await freePort();
    this.friend = await freePort();
    const base = `http://127.0.0.1:${port}/newsletter`;
    this.#base = base;
    // A browser that is driven types faster than any person.
    const quick = { WEEK_IN_REVIEW__SUBSCRIBE__FILL_TIME: "0s", WEEK_IN_REVIEW__SUBSCRIBE__PER_NETWORK: "1000" };
    const sites = { WEEK_IN_REVIEW__SUBSCRIBE__SITES: `http://localhost:${this.friend}` };
    this.#start(["run"], { WEEK_IN_REVIEW__WEB__LISTEN: `127.0.0.1:${port}`, WEEK_IN_REVIEW__WEB__BASE_URL: base, ...quick, ...sites });
    await answers(`${base}/health`);
    return base;
  }

  /** The preview. */
  async preview() {
    const port = await freePort();
    this.#start(["preview", "--serve", "--listen", `127.0.0.1:${port}`], {});
    const base = `http://127.0.0.1:${port}`;
    await answers(base);
    return base;
  }

  /** The mails that went to an address. */
  mails(address) {
    const outbox = join(this.folder, "outbox", "new");
    const mails = readdirSync(outbox).map((name) => readFileSync(join(outbox, name), "utf8"));
    return mails.filter((text) => ["", "<"].some((open) => text.includes(`\nTo: ${open}${address}`)));
  }

  /** The path of a reader's unsubscribe page, from the header of their mail. */
  leaving(address) {
    const [mail] = this.mails(address);
    if (!mail) throw new Error(`no mail to ${address}`);
    return this.leavingIn(mail);
  }

  /** The path of the unsubscribe page that a mail names in its header. */
  leavingIn(mail) {
    return new URL(/^List-Unsubscribe:\s*<([^>]+)>/m.exec(mail)[1]).pathname;
  }

  /** Waits for a mail to somebody; half a minute is more than any machine needs. */
  async letter(address, is = () => true) {
    const end = Date.now() + 30_000;
    while (Date.now() < end) {
      const mail = this.mails(address).find(is);
      if (mail) return mail;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no such mail to ${address}`);
  }

  /** What a mail says, its transfer encoding (RFC 2045) taken off. */
  words(mail) {
    return mail.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  }

  /** The link in a mail to one of our private pages. */
  link(mail, page) {
    const found = this.words(mail).match(new RegExp(`${this.#base}/${page}/[A-Za-z0-9_-]+`));
    if (!found) throw new Error(`no link to /${page}/ in the mail`);
    return found[0];
  }

  /** What a program prints that is run in the demo's folder; it may fail. */
  run(command, words) {
    return new Promise((resolve) =>
      execFile(command, words, { cwd: this.folder, encoding: "utf8", ...waited }, (error, said, complaint) => resolve(said + complaint)));
  }

  /** What the program itself prints for some words. */
  week(words) {
    return this.run(program, words);
  }

  #start(words, environment) {
    this.#started.push(begin(program, ["--quiet", ...words], { cwd: this.folder, env: { ...process.env, ...environment } }));
  }

  async close() {
    await end(this.#started);
    rmSync(this.#home, { recursive: true });
  }
}

/** A page of another origin: under another name of this machine. `close()` it. */
export async function elsewhere(html, port = 0) {
  const server = createHttpServer((_, answer) => answer.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html));
  await new Promise((resolve, reject) => server.on("error", reject).listen(port, "localhost", resolve));
  return {
    url: `http://localhost:${server.address().port}/`,
    close: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until an address answers; half a minute is more than any machine needs. */
export async function answers(url) {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} does not answer`);
}

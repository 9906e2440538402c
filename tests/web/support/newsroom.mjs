// The real program in a newsroom of its own whose issue is settled already and due in half a day: what editors work on. Ends with the tests.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers, begin, end, freePort, program, waited } from "./service.mjs";

export const password = "four quiet harbours";

/** A schedule of every day, half a day from now. */
function inHalfADay() {
  const then = new Date(Date.now() + 12 * 3_600_000);
  return `${then.getUTCMinutes()} ${then.getUTCHours()} * * *`;
}

const config = (port, further) => `operators = []
[publication]
name = "The Harbour Courier"
url = "https://www.harbour.example/"
postal_address = "1 Quay Street, Port Example"
privacy_url = "https://www.harbour.example/privacy"
contact = "editors@harbour.example"
[web]
base_url = "http://127.0.0.1:${port}/newsletter"
listen = "127.0.0.1:${port}"
[defaults]
from_address = "week@harbour.example"
minimum = 2
[[newsletters]]
slug = "week"
title = "The Harbour Week"
schedule = "${inHalfADay()}"
cut_off = "20h"
review = "approve"
first_number = 215
[[newsletters.sections]]
slug = "economy"
title = "Economy"
tags = ["Economy"]
[[newsletters.sections]]
slug = "sea"
title = "The sea"
rest = true
[[sources]]
id = "desk"
name = "The Desk"
kind = "folder"
path = "articles"
${further}
[mail]
via = "outbox"
per_second = 1
`;

const stories = [
  ["Harbour fees rise", "Economy"],
  ["Salt prices <fall>", "Economy"],
  ["A new ferry", "Ferries"],
  ["The lighthouse is painted", "Ferries"],
];

/**
 * Makes it, with so many readers, its articles and further lines of its configuration, and starts its service. `close()` ends and removes it. Without readers the preflight blocks its
 * issue.
 */
export async function newsroom({ readers = 12, articles = stories, further = "" } = {}) {
  const room = new Newsroom(mkdtempSync(join(tmpdir(), "week-in-review-desk-")), await freePort(), articles, further);
  await room.open(readers);
  return room;
}

class Newsroom {
  #home;
  #service;

  constructor(home, port, articles, further) {
    this.#home = home;
    this.base = `http://127.0.0.1:${port}/newsletter`;
    mkdirSync(join(home, "config"));
    mkdirSync(join(home, "articles"));
    writeFileSync(join(home, "config", "week-in-review.toml"), config(port, further), { mode: 0o640 });
    for (const [title, tag] of articles) this.#write(title, tag);
  }

  #write(title, tag) {
    const date = new Date(Date.now() - 86_400_000).toISOString();
    const file = title.replaceAll(/\W+/g, "-").toLowerCase();
    const head = `title: "${title}"\ndate: ${date}\nurl: https://www.harbour.example/${file}\ntags: [${tag}]\nsummary: What is known of it.`;
    writeFileSync(join(this.#home, "articles", `${file}.md`), `---\n${head}\n---\n\nIt began early in the morning.\n`);
  }

  async open(readers) {
    this.run("init");
    this.run("collect");
    if (readers > 0) this.#subscribe(readers);
    this.#service = begin(program, ["--quiet", "run"], { cwd: this.#home });
    await answers(`${this.base}/health`);
  }

  #subscribe(readers) {
    const rows = Array.from({ length: readers }, (_, n) => `reader${n}@reader.example,active,2026-01-05T09:00:00Z`);
    writeFileSync(join(this.#home, "list.csv"), `email,status,confirmed_at\n${rows.join("\n")}\n`);
    this.run("subscribers", "import", "list.csv", "--newsletter", "week", "--basis", "a test");
  }

  /** Runs a command to its end; what it printed. */
  run(...words) {
    return execFileSync(program, ["--quiet", ...words], { cwd: this.#home, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...waited });
  }

  /** Starts a command and leaves it running. */
  begin(...words) {
    return begin(program, ["--quiet", ...words], { cwd: this.#home, stdio: "ignore" });
  }

  /** The address of a fresh invitation. */
  invite(address, name) {
    return this.run("editors", "add", address, "--name", name, "--print").trim();
  }

  /** How the issue stands, as the command line says. */
  issue() {
    return JSON.parse(this.run("issues", "show", "215", "--json"));
  }

  /** The mails that went to an address. */
  mailTo(address) {
    const outbox = join(this.#home, "outbox", "new");
    const mails = readdirSync(outbox).map((name) => readFileSync(join(outbox, name), "utf8"));
    return mails.filter((mail) => /^To: .*$/m.exec(mail)?.[0].includes(address));
  }

  async close() {
    await end([this.#service]);
    rmSync(this.#home, { recursive: true });
  }
}

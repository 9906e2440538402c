// What an attacker tries against the desk, in a real browser: forms of a foreign page, and sessions that are planted, kept after their end, or stolen.
// Each has the status that it is answered with, and leaves everything as it was.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, withPage } from "./support/browser.mjs";
import { follow, press, text } from "./support/hands.mjs";
import { newsroom, password } from "./support/newsroom.mjs";
import { site } from "./support/site.mjs";

const [mona, otto] = ["mona@harbour.example", "otto@harbour.example"];
let browser;
let room;
/** Sessions of both, as cookies. */
const sessions = {};
/** Pages of somebody else: of another site, and of another service on the same host. */
const foreign = {};

const at = (place) => `${room.base}/desk${place}`;
const header = (cookies) => cookies.map(({ name, value }) => `${name}=${value}`).join("; ");

/** What a browser says of a page that may stand in no frame, and of an answer that another site may not read. */
const unframed = ["frame-ancestors", "X-Frame-Options", "ERR_BLOCKED_BY_RESPONSE"];

/** What must not change. */
const state = () => [room.issue().state, room.run("audit"), room.run("editors", "list")];

/** Signs in by the form, in a context that holds some cookies already; the cookies afterwards. */
async function signIn(address, planted = []) {
  let signed;
  await withPage(browser, {}, async (page) => {
    await page.setCookie(...planted);
    await page.goto(at("/sign-in"));
    await page.type("#address", address);
    await page.type("#password", password);
    await press(page, "Sign in");
    signed = { cookies: await page.cookies(), words: await page.$eval("body", (body) => body.innerHTML) };
  });
  return signed;
}

/** Asks without a browser, as a thief does. */
const ask = (place, cookies, body) =>
  fetch(at(place), {
    method: body === undefined ? "GET" : "POST",
    body,
    redirect: "manual",
    headers: { cookie: header(cookies), "content-type": "application/x-www-form-urlencoded" },
  });

/** The token that the forms of a session carry. */
const tokenOf = async (cookies) => /name="form" value="([^"]+)"/.exec(await (await ask("/account", cookies)).text())[1];

/**
 * Listens for the first answer to a request for a place; one that no page may read has its status all the same. The two come from different processes of the browser,
 * so either may be told first.
 */
async function statusOf(page, place) {
  const network = await page.createCDPSession();
  const [asked, statuses] = [new Set(), new Map()];
  const answered = new Promise((resolve) => {
    const look = (id) => asked.has(id) && statuses.has(id) && resolve(statuses.get(id));
    network.on("Network.requestWillBeSent", ({ requestId, request }) => {
      if (request.url.startsWith(place)) asked.add(requestId);
      look(requestId);
    });
    network.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => {
      if (!statuses.has(requestId)) statuses.set(requestId, statusCode);
      look(requestId);
    });
  });
  await network.send("Network.enable");
  return () => answered;
}

/** The pages of somebody who wants an editor to do something: one for each way to make a browser ask. */
const traps = (target, token) => {
  const fields = (deed) => `<input name=do value=${deed}><input name=form value="${token}"><input name=where value=everywhere>`;
  const form = (attributes, deed) => `<form method=post action="${target}" ${attributes}>${fields(deed)}<button id=go>A prize</button></form>`;
  return {
    "/plain.html": form("", "hold"),
    "/text.html": form("enctype=text/plain", "hold"),
    "/parts.html": form("enctype=multipart/form-data", "hold"),
    "/frame.html": `${form('target="hole"', "hold")}<iframe name=hole></iframe>`,
    "/fetch.html": `<button id=go onclick="fetch('${target}', { method: 'POST', mode: 'no-cors', credentials: 'include',
      headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'do=hold&form=${token}' }).catch(() => {})">A prize</button>`,
    "/get.html": `<form action="${target}">${fields("hold")}<button id=go>A prize</button></form>`,
    "/framed.html": `<button id=go onclick="document.body.insertAdjacentHTML('beforeend', '<iframe src=&quot;${target.replace("/n/week/act", "")}&quot;></iframe>')">A prize</button>`,
  };
};

before(async () => {
  browser = await launch();
  room = await newsroom();
  for (const [address, name] of [[mona, "Mona"], [otto, "Otto"]]) {
    await withPage(browser, {}, async (page) => {
      await page.goto(room.invite(address, name));
      for (const field of ["#new", "#again"]) await page.type(field, password);
      await press(page, "Choose this password and sign in");
      sessions[name] = await page.cookies();
    });
  }
  const token = await tokenOf(sessions.Mona);
  const pages = () => traps(at("/n/week/act"), token);
  foreign["another site"] = await site(pages, "localhost");
  foreign["another service of the same host"] = await site(pages);
});

after(async () => {
  await browser?.close();
  Object.values(foreign).forEach((site) => site.close());
  await room?.close();
});

describe("a foreign page makes an editor's browser ask, with the right token even", () => {
  // From another site the browser sends no cookie with a form (SameSite=Lax), so the answer is the door; from the same host it does, and the form is refused.
  const answers = [
    ["plain", 303, 403],
    ["text", 303, 403],
    ["parts", 303, 403],
    ["frame", 303, 403],
    ["fetch", 303, 403],
    // Nothing is done by asking for a page, and this place has none.
    ["get", 405, 405],
  ];
  for (const [kind, ...statuses] of answers) {
    for (const [n, from] of ["another site", "another service of the same host"].entries()) {
      test(`${kind}, from ${from}: ${statuses[n]}`, async () => {
        const before = state();
        await withPage(browser, { refusals: [403, 405, ...unframed] }, async (page) => {
          await page.setCookie(...sessions.Mona);
          await page.goto(`${foreign[from].base}/${kind}.html`);
          const answered = await statusOf(page, at("/n/week/act"));
          await page.click("#go");
          assert.equal(await answered(), statuses[n]);
        });
        assert.deepEqual(state(), before);
      });
    }
  }
  test("the desk stands in nobody's frame", () =>
    withPage(browser, { refusals: unframed }, async (page) => {
      await page.setCookie(...sessions.Mona);
      await page.goto(`${foreign["another service of the same host"].base}/framed.html`);
      const complained = new Promise((resolve) => page.on("console", (message) => resolve(message.text())));
      await page.click("#go");
      assert.match(await complained, /frame-ancestors 'none'|X-Frame-Options/);
    }));
});

describe("sessions", () => {
  test("one that an attacker planted before signing in is not the one that is begun, and ends", async () => {
    const planted = (await signIn(otto)).cookies;
    const { cookies, words } = await signIn(mona, planted);
    const value = (all) => all.find(({ name }) => name === "desk").value;
    assert.notEqual(value(cookies), value(planted));
    assert.match(words, /You, Mona/);
    assert.equal((await ask("", planted)).status, 303, "the planted one leads to the door");
    assert.equal((await ask("", cookies)).status, 200);
  });
  test("one that an attacker made up begins nothing", async () => {
    const made = [{ ...sessions.Mona.find(({ name }) => name === "desk"), value: "A".repeat(43) }];
    assert.equal((await ask("", made)).status, 303);
    const { cookies } = await signIn(mona, made);
    assert.notEqual(cookies.find(({ name }) => name === "desk").value, "A".repeat(43));
    assert.equal((await ask("", made)).status, 303);
  });
  test("one is worth nothing after signing out", async () => {
    const { cookies } = await signIn(mona);
    const token = await tokenOf(cookies);
    await withPage(browser, {}, async (page) => {
      await page.setCookie(...cookies);
      await page.goto(at("/account"));
      await press(page, "Sign out");
      assert.ok(!(await page.cookies(at(""))).some(({ name }) => name === "desk"), "the browser has forgotten it");
    });
    const before = state();
    for (const place of ["", "/n/week/preview", "/n/week/view/wide", "/audit", "/account"]) assert.equal((await ask(place, cookies)).status, 303, place);
    for (const place of ["/n/week/act", "/n/week/look", "/n/week/dates", "/account"]) {
      assert.equal((await ask(place, cookies, `do=hold&form=${token}`)).status, 303, place);
    }
    assert.deepEqual(state(), before);
  });
  test("a stolen one ends with the password that it was begun under", async () => {
    const stolen = (await signIn(otto)).cookies;
    const token = await tokenOf(stolen);
    assert.equal((await ask("", stolen)).status, 200);
    await withPage(browser, {}, async (page) => {
      await page.setCookie(...sessions.Otto);
      await page.goto(at("/account"));
      await page.type("#old", password);
      for (const field of ["#new", "#again"]) await page.type(field, "five loud lighthouses");
      await press(page, "Change the password");
      assert.match(await text(page), /changed their password/);
      await follow(page, () => page.goto(at("/audit")));
      assert.match(page.url(), /\/audit$/, "who changed it stays signed in");
    });
    assert.equal((await ask("", stolen)).status, 303);
    assert.equal((await ask("/n/week/act", stolen, `do=hold&form=${token}`)).status, 303);
    assert.equal((await ask("", sessions.Otto)).status, 303, "nor does the cookie from before the change");
  });
  test("another editor's token opens no form", async () => {
    const [own, other] = [(await signIn(mona)).cookies, sessions.Mona];
    const before = state();
    assert.equal((await ask("/n/week/act", own, `do=hold&form=${await tokenOf(other)}`)).status, 403);
    assert.deepEqual(state(), before);
  });
});

test("a link for outsiders does nothing but show", async () => {
  const { cookies } = await signIn(mona);
  const made = await (await ask("/n/week/look", cookies, `form=${await tokenOf(cookies)}`)).text();
  const link = /id="link"[^>]*value="[^"]*\/desk(\/look\/[^"]+)"/.exec(made)[1];
  const before = state();
  assert.equal((await ask(link, [])).status, 200);
  for (const deed of ["approve", "hold", "anyway", "reopen"]) {
    assert.equal((await ask(link, [], `do=${deed}`)).status, 405, deed);
    assert.equal((await ask(`${link}/wide`, [], `do=${deed}`)).status, 405, deed);
  }
  const token = link.split("/").pop();
  // Neither as a session nor as the token of a form is it of any use.
  for (const cookie of [[], [{ name: "desk", value: token }], [{ name: "desk-door", value: token }]]) {
    assert.equal((await ask("", cookie)).status, 303);
    assert.equal((await ask("/n/week/act", cookie, `do=hold&form=${token}`)).status, 303);
  }
  assert.equal((await ask("/n/week/act", cookies, `do=hold&form=${token}`)).status, 403);
  assert.deepEqual(state(), before);
});

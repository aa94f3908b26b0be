import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, resultHas, run, skip, visit } from "./browser.ts";
import { detailsHave, openConsole } from "./console.ts";
import { cardHas, rowHas, signInAs } from "./demo.ts";
import { runWith, runAs, signToken, startServer, type Server } from "./server.ts";

const SECRET = "a secret of thirty-two bytes or more";

/** A user's ID and a text that would run, were they markup. */
const ID = `<img src=x onerror=alert(1)>'"{{7*7}}`;
const TEXT = `"><script>alert(1)</script><svg onload=alert(1)><a href=javascript:alert(1)>`;

/** Fails if the page has any of it as markup. What runs, or is kept from it, is among the problems. */
async function isText(page: Page): Promise<void> {
  const found = page.locator(`img[src="x"], svg[onload], [onerror], [href^="javascript:"], script:not([src])`);
  assert.equal(await found.count(), 0, `${page.url()} has markup of a user's`);
}

describe("script in what users write", { skip }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    server = await startServer(["--offline-grace", "1s", "--set-status-rate", "0"]);
    browser = await launch();
    const set = `mutation { setSelfStatus(customStatus: ${JSON.stringify(TEXT)}) { version } }`;
    await runAs(server, encodeURIComponent(ID), set);
    await runAs(server, "bob", set);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("is text in the demo, of others and of oneself", async () => {
    const alice = await signInAs(browser, server, "alice");
    await rowHas(alice.page, "bob", TEXT);
    await isText(alice.page);
    const eve = await signInAs(browser, server, encodeURIComponent(ID));
    await cardHas(eve.page, ID);
    await isText(eve.page);
    assert.deepEqual([...alice.problems, ...eve.problems], []);
  });

  it("is text in the console, with the user's history", async () => {
    const { page, problems } = await openConsole(browser, server, `#/users/${encodeURIComponent(ID)}`);
    await detailsHave(page, ID.replaceAll('"', '\\"'), TEXT);
    await isText(page);
    assert.deepEqual(problems, []);
  });

  it("is text in the console's webhooks, of users and of what a receiver answered", async () => {
    const { page, problems } = await openConsole(browser, server);
    const change = { userID: ID, version: 1, at: "2026-11-25T09:30:00Z", reason: "CUSTOM_STATUS_SET", oldStatusType: "ONLINE", statusType: "ONLINE", customStatus: TEXT, customStatusExpiresAt: null, availability: "AVAILABLE" };
    const node = { id: TEXT, change, attempts: 30, lastError: `it was answered with 500 ${TEXT}`, setAsideAt: "2026-11-25T09:30:00Z" };
    const data = { webhooks: { enabled: true, pending: 0, pendingSince: null, setAside: 1 }, webhooksSetAside: { edges: [{ node }], pageInfo: { hasNextPage: false, endCursor: TEXT } } };
    await page.route("**/graphql", async (route) => {
      const { operationName } = route.request().postDataJSON() as { operationName: string };
      await (operationName === "Webhooks" ? route.fulfill({ json: { data } }) : route.continue());
    });
    await page.getByRole("link", { name: "Webhooks" }).click();
    await page.getByText(`500 ${TEXT}`).first().waitFor();
    await isText(page);
    assert.deepEqual(problems, []);
  });

  it("is text in the playground, and in the addresses of all pages", async () => {
    const { page, problems } = await visit(browser, `${server.url}/playground?user=${encodeURIComponent(ID)}`);
    await run(page, "Self");
    await resultHas(page, "<img src=x onerror=alert(1)>");
    await isText(page);
    const mark = encodeURIComponent(TEXT);
    for (const place of [`/?x=${mark}#${mark}`, `/demo?user=alice&idleAfter=${mark}#${mark}`, `/console?user=admin#/users/${mark}`, `/console?user=admin#${mark}`]) {
      await page.goto(server.url + place);
      await page.locator("h1, h2").first().waitFor();
      await isText(page);
    }
    assert.deepEqual(problems, []);
    const missing = await (await fetch(`${server.url}/${mark}`)).text();
    assert.doesNotMatch(missing, /alert/);
  });
});

/** Does all that a page can try with another site's server, and tells what came of each. */
const ATTACK = `async (target, token) => {
  const body = JSON.stringify({ query: 'mutation { setSelfStatus(customStatus: "theirs") { version } }' });
  const get = target + "/graphql?query=" + encodeURIComponent("{ __typename }");
  const tried = (trial) => trial.then((got) => got, (error) => "refused: " + error.name);
  const opened = (source, good, bad) => new Promise((done) => { source[good] = () => done("open"); source[bad] = () => done("refused"); });
  const element = (name, attributes) => { const made = Object.assign(document.createElement(name), attributes); document.body.append(made); return opened(made, "onload", "onerror"); };
  const post = (headers, mode) => tried(fetch(target + "/graphql", { method: "POST", mode, headers, body }).then((r) => r.type === "opaque" ? "opaque" : "read " + r.status));
  const form = (enctype) => new Promise((done) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "sink" + enctype, onload: () => frame.dataset.sent && done("sent") });
    const sent = Object.assign(document.createElement("form"), { action: target + "/graphql", method: "POST", enctype, target: frame.name });
    sent.append(Object.assign(document.createElement("input"), { name: body.slice(0, -1) + ', "extensions": {"a": "', value: '"}}' }));
    document.body.append(frame, sent);
    frame.dataset.sent = "yes";
    sent.submit();
  });
  return {
    socket: await opened(new WebSocket(target.replace("http", "ws") + "/graphql", "graphql-transport-ws"), "onopen", "onerror"),
    legacySocket: await opened(new WebSocket(target.replace("http", "ws") + "/graphql", "graphql-ws"), "onopen", "onerror"),
    eventSource: await opened(new EventSource(get), "onopen", "onerror"),
    json: await post({ "Content-Type": "application/json", Authorization: "Bearer " + token }, "cors"),
    text: await post({ "Content-Type": "text/plain" }, "cors"),
    blindText: await post({ "Content-Type": "text/plain" }, "no-cors"),
    credentials: await tried(fetch(get, { credentials: "include" }).then((r) => "read " + r.status)),
    stream: await tried(fetch(target + "/graphql", { method: "POST", body, headers: { Accept: "text/event-stream", "Content-Type": "application/json", Authorization: "Bearer " + token } }).then((r) => "read " + r.status)),
    metrics: await tried(fetch(target + "/metrics").then((r) => "read " + r.status)),
    users: await tried(fetch(target + "/playground/users.json").then((r) => "read " + r.status)),
    image: await element("img", { src: target + "/favicon.svg" }),
    script: await element("script", { src: target + "/graphql?query=%7B__typename%7D" }),
    style: await element("link", { rel: "stylesheet", href: target + "/style.css" }),
    forms: [await form("text/plain"), await form("application/x-www-form-urlencoded"), await form("multipart/form-data")],
  };
}`;

describe("a page of another site", { skip }, () => {
  let server: Server;
  let browser: Browser;
  const foreign = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html><title>foreign</title><body></body>"));
  before(async () => {
    server = await startServer(["--jwt-secret", SECRET]);
    browser = await launch();
    foreign.listen(0, "127.0.0.1");
    await once(foreign, "listening");
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    foreign.closeAllConnections();
    foreign.close();
  });

  it("opens nothing, runs nothing, reads nothing and frames nothing, even with a token", async () => {
    const token = signToken(SECRET, "alice");
    const page = await browser.newPage();
    const framed: string[] = [];
    page.on("console", (message) => framed.push(message.text()));
    await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    const got = await page.evaluate(`(${ATTACK})(${JSON.stringify(server.url)}, ${JSON.stringify(token)})`);
    const refused = "refused: TypeError";
    assert.deepEqual(got, {
      socket: "refused", legacySocket: "refused", eventSource: "refused",
      json: refused, text: refused, blindText: refused, credentials: refused, stream: refused, metrics: refused, users: refused,
      image: "refused", script: "refused", style: "refused",
      forms: ["sent", "sent", "sent"],
    });
    for (const path of ["/", "/demo", "/console", "/playground", "/schema.graphqls", "/healthz", "/nothing"]) {
      const frame = await page.evaluate(`new Promise((done) => {
        const frame = Object.assign(document.createElement("iframe"), { src: ${JSON.stringify(server.url + path)}, onload: () => done(frame.contentWindow.length) });
        document.body.append(frame);
      })`);
      assert.equal(frame, 0);
      assert.ok(framed.some((text) => /frame-ancestors|X-Frame-Options/.test(text)), `${path} is in a frame: ${framed.join("\n")}`);
      framed.length = 0;
    }
    await page.evaluate(`void (opened = open(${JSON.stringify(`${server.url}/console`)}))`);
    await page.waitForFunction("opened.closed"); // to its opener, for the browser keeps them apart
    const data = (await runWith(server, token, "{ self { status { customStatus statusType } } }")) as { self: unknown };
    assert.deepEqual(data.self, { status: { customStatus: "", statusType: "UNLOGINED" } });
    await page.context().close();
  });
});

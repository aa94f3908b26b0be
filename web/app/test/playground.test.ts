import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launch, resultHas, run, skip, visit } from "./browser.ts";
import { runAs, signToken, startServer, type Server } from "./server.ts";

const SECRET = "a secret of thirty-two bytes or more";

describe("the playground in development mode", { skip }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    server = await startServer();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("runs a query, a mutation and a subscription, and shows a change made elsewhere", async () => {
    await runAs(server, "bob", "{ self { visibility } }"); // from now on bob exists
    const { page, problems } = await visit(browser, `${server.url}/playground?user=alice`);
    await run(page, "Self");
    await resultHas(page, '"userID": "alice"', '"visibility": "EVERYONE"');
    await run(page, "SetText");
    await resultHas(page, '"setSelfStatus"', '"customStatus": "in a meeting"');
    await run(page, "Follow");
    await resultHas(page, '"successUserList"', '"userID": "bob"');
    await run(page, "Updates");
    await resultHas(page, '"userStatusUpdated"', '"statusType": "ONLINE"');
    await runAs(server, "bob", 'mutation { setSelfStatus(customStatus: "out for lunch") { version } }');
    await resultHas(page, '"userID": "bob"', '"customStatus": "out for lunch"');
    assert.deepEqual(problems, []);
  });

  it("comes back as another user, with its subscription, when one is chosen", async () => {
    const { page, problems } = await visit(browser, `${server.url}/playground?user=carol`);
    await run(page, "Updates");
    await resultHas(page, '"userID": "carol"');
    await page.getByLabel("Signed in as").selectOption({ label: "dave" });
    await resultHas(page, '"userID": "dave"', '"statusType": "ONLINE"');
    assert.match(page.url(), /\?user=dave$/);
    assert.deepEqual(problems, []);
  });

  it("opens the admin fields to the admin, in front", async () => {
    const { page, problems } = await visit(browser, `${server.url}/playground?user=admin&role=admin`);
    await run(page, "Settings");
    await resultHas(page, '"userStatusEnabled": true');
    assert.deepEqual(problems, []);
  });

  it("gets a new token where the old one is refused", async () => {
    const { page } = await visit(browser, `${server.url}/playground?user=alice`);
    await run(page, "Self");
    await resultHas(page, '"userID": "alice"');
    await page.route("**/graphql", (route) => route.fulfill({ status: 401, json: { errors: [] } }), { times: 1 });
    const renewed = page.waitForRequest("**/dev/token?user=alice");
    await run(page, "SetText");
    await renewed;
    await resultHas(page, '"setSelfStatus"');
  });

  it("has the schema's prose in its documentation", async () => {
    const { page, problems } = await visit(browser, `${server.url}/playground?user=alice`);
    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await page.getByRole("link", { name: "Subscription", exact: true }).click();
    await page.getByText("Tells of changes as they happen").waitFor();
    assert.deepEqual(problems, []);
  });
});

describe("the playground with a key configured", { skip }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    server = await startServer(["--jwt-secret", SECRET]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("takes a pasted token, for the socket too, and keeps it over a reload", async () => {
    const { page, problems } = await visit(browser, `${server.url}/playground`);
    await page.getByLabel("Token").fill(signToken(SECRET, "zoe"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await run(page, "Self");
    await resultHas(page, '"userID": "zoe"');
    await run(page, "Updates");
    await resultHas(page, '"statusType": "ONLINE"');
    await page.reload();
    await page.getByText("Signed in as zoe").waitFor();
    await run(page, "Self");
    await resultHas(page, '"visibility"', '"userID": "zoe"');
    assert.deepEqual(problems, []);
  });

  it("says so where what is pasted is no token", async () => {
    const { page } = await visit(browser, `${server.url}/playground`);
    await page.getByLabel("Token").fill("hello");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: "not a JWT" }).waitFor();
  });

  it("shows why a token is refused, by HTTP and by socket", async () => {
    const { page } = await visit(browser, `${server.url}/playground`);
    await page.getByLabel("Token").fill(signToken("another secret of thirty-two bytes or more", "zoe"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await run(page, "Self");
    await resultHas(page, "UNAUTHENTICATED");
    await run(page, "Updates");
    await resultHas(page, "The socket was closed with 4403");
  });
});

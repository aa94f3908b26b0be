import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launch, skip, visit } from "./browser.ts";
import { dialogIsGone, doWith, everythingIsNamed, fits, focused, isConnected, recordRow, row, rowHas, setStatus, signInAs, tabTo, unexpected } from "./demo.ts";
import { runAs, signToken, startServer, type Server } from "./server.ts";

const SECRET = "a secret of thirty-two bytes or more";

describe("the demo with two people", { skip }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    server = await startServer(["--offline-grace", "5s", "--set-status-rate", "0"]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("shows a status set in one on the other's page, with its emoji and its end, and clears it", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    await rowHas(bob.page, "alice", "Online", "on web");
    await alice.page.getByRole("button", { name: "Set a status" }).click();
    await alice.page.getByRole("textbox", { name: "What is your status?" }).fill("having lunch");
    await alice.page.getByRole("button", { name: "Noodles" }).click();
    await alice.page.getByLabel("Clear after").selectOption("30 minutes");
    await alice.page.getByRole("button", { name: "Save" }).click();
    await rowHas(bob.page, "alice", "🍜 having lunch", /until .*\d+:\d\d/);
    await alice.page.getByRole("button", { name: /Change your status.*having lunch.*until/ }).click();
    await alice.page.getByRole("button", { name: "Clear status" }).click();
    await row(bob.page, "alice").getByText("having lunch").waitFor({ state: "detached" });
    assert.deepEqual([...alice.problems, ...bob.problems], []);
    await Promise.all([alice.context.close(), bob.context.close()]);
  });

  it("shows nobody offline for a reload, and offline when the page was closed, after the grace", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    await rowHas(alice.page, "bob", "Online");
    const history = await recordRow(alice.page, "bob");
    await bob.page.reload();
    await isConnected(bob.page);
    await setStatus(bob.page, "here again");
    await rowHas(alice.page, "bob", "Online", "here again");
    assert.doesNotMatch((await history()).join("\n"), /Offline/);
    await bob.context.close();
    await rowHas(alice.page, "bob", "Offline", "last seen just now");
    assert.match(await row(alice.page, "bob").getByText("last seen").getAttribute("title") ?? "", /\d{4}/);
    assert.deepEqual(alice.problems, []);
    await alice.context.close();
  });

  it("shows the newest status at once after the page was paused, and never an older one after a newer", async () => {
    const alice = await signInAs(browser, server, "alice");
    await rowHas(alice.page, "carol", "Never signed in");
    const history = await recordRow(alice.page, "carol");
    const devtools = await alice.context.newCDPSession(alice.page);
    await devtools.send("Debugger.enable");
    await devtools.send("Debugger.pause");
    for (let n = 1; n <= 30; n++) await runAs(server, "carol", `mutation { setSelfStatus(customStatus: "text ${n}.") { version } }`);
    const resumed = Date.now();
    await devtools.send("Debugger.resume");
    await rowHas(alice.page, "carol", "text 30.");
    assert.ok(Date.now() - resumed < 2_000, `it took ${Date.now() - resumed} ms`);
    const numbers = (await history()).map((text) => Number(/text (\d+)/.exec(text)?.[1] ?? 0));
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
    assert.deepEqual(alice.problems, []);
    await alice.context.close();
  });

  it("tells others at once when somebody signs out, who is at the sign-in page then", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    await rowHas(alice.page, "bob", "Online");
    await bob.page.getByRole("button", { name: "Sign out" }).click();
    await bob.page.getByRole("heading", { name: "Who is here?" }).waitFor();
    await rowHas(alice.page, "bob", "Signed out");
    assert.equal(new URL(bob.page.url()).search, "");
    assert.equal(await bob.page.getByRole("alert").count(), 0);
    await runAs(server, "alice", "mutation { logout(allDevices: true) { version } }");
    await alice.page.getByRole("alert").filter({ hasText: "You were signed out" }).waitFor();
    assert.deepEqual([...alice.problems, ...bob.problems], []);
    await Promise.all([alice.context.close(), bob.context.close()]);
  });

  it("is right again by itself on all pages after the server was killed and started again", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    const dave = await signInAs(browser, server, "dave");
    await setStatus(bob.page, "still here");
    for (const other of ["bob", "dave"]) await rowHas(alice.page, other, "Online");
    await server.kill();
    for (const { page } of [alice, bob]) await page.getByRole("status").filter({ hasText: "No connection to the server" }).waitFor();
    await rowHas(alice.page, "bob", "as last known", "still here");
    await dave.context.close();
    await server.restart();
    for (const { page } of [alice, bob]) {
      await page.getByText("No connection to the server").waitFor({ state: "detached" });
      await rowHas(page, "dave", /Offline/);
      await page.getByText("as last known").first().waitFor({ state: "detached" });
    }
    await rowHas(alice.page, "bob", "Online", "still here");
    await rowHas(bob.page, "alice", "Online");
    await setStatus(bob.page, "said after it");
    await rowHas(alice.page, "bob", "said after it");
    assert.deepEqual(unexpected([...alice.problems, ...bob.problems]), []);
    await Promise.all([alice.context.close(), bob.context.close()]);
  });
});

describe("the demo by itself", { skip }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    server = await startServer(["--max-subscriptions", "5"]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("follows and unfollows by ID, keeps the list over a reload, and says each failure in its row", async () => {
    const { page, problems } = await signInAs(browser, server, "alice");
    const follow = page.getByRole("textbox", { name: "Follow people" });
    await follow.fill("zoe, alice bob");
    await follow.press("Enter");
    await page.getByRole("alert").filter({ hasText: "alice is you" }).filter({ hasText: "bob is on your list already" }).waitFor();
    await rowHas(page, "zoe", "no such user");
    await follow.fill("x".repeat(130));
    await page.getByRole("button", { name: "Follow", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "at most 128" }).waitFor();

    await runAs(server, "zoe", "{ self { visibility } }"); // from now on zoe exists
    await page.getByRole("button", { name: "Try zoe again" }).click();
    await rowHas(page, "zoe", "Never signed in");
    await doWith(page, "Unfollow", "zoe");
    await row(page, "zoe").waitFor({ state: "detached" });
    await follow.fill("nobody");
    await follow.press("Enter");
    await page.getByRole("button", { name: "Take nobody off the list" }).click();
    await doWith(page, "Unfollow", "dave");
    await page.reload();
    await rowHas(page, "carol", "Never signed in");
    assert.deepEqual(await page.locator("[data-user]").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset["user"])), ["bob", "carol"]);
    assert.deepEqual(problems, []);
  });

  it("says so where the list is full", async () => {
    const { page, problems } = await signInAs(browser, server, "bob");
    for (const userID of ["u1", "u2", "u3"]) await runAs(server, userID, "{ self { visibility } }");
    await page.getByRole("textbox", { name: "Follow people" }).fill("u1 u2 u3");
    await page.keyboard.press("Enter");
    await rowHas(page, "u3", "your list is full");
    await doWith(page, "Unfollow", "u1");
    await rowHas(page, "u3", "Never signed in");
    assert.deepEqual(problems, []);
  });

  it("counts a status in bytes before it is sent, and shows what the server says of it", async () => {
    const { page, problems } = await signInAs(browser, server, "carol");
    await page.getByRole("button", { name: "Set a status" }).click();
    const text = page.getByRole("textbox", { name: "What is your status?" });
    await text.fill("é".repeat(40));
    await page.getByText("20 of 100 bytes left").waitFor();
    await text.fill("é".repeat(55));
    await page.getByRole("alert").filter({ hasText: "Too long by 10" }).waitFor();
    await text.press("Enter");
    assert.equal(await page.getByRole("dialog").count(), 1);
    await text.fill("a\u200Eb\u0007c");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").filter({ hasText: "control" }).waitFor();
    assert.deepEqual(problems, []);
  });

  it("works by keyboard alone", async () => {
    const { page, problems } = await visit(browser, `${server.url}/demo`);
    const written = page.getByRole("textbox", { name: "What is your status?" }).and(page.locator(":focus"));
    await page.getByRole("heading").waitFor();
    await tabTo(page, /Sign in as dave/);
    await page.keyboard.press("Enter");
    await isConnected(page);
    await tabTo(page, /Set a status/);
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle), "none");
    await page.keyboard.press("Enter");
    await written.waitFor();
    await page.keyboard.type("not kept");
    await page.keyboard.press("Escape");
    await dialogIsGone(page);
    assert.match(await focused(page), /Set a status/);
    await page.keyboard.press("Enter");
    await written.waitFor();
    await page.keyboard.type("by keyboard");
    await tabTo(page, /Party/);
    await page.keyboard.press("Space");
    await page.getByRole("textbox", { name: "What is your status?" }).press("Enter");
    await dialogIsGone(page);
    await page.getByRole("button", { name: "🎉 by keyboard" }).waitFor();
    assert.match(await focused(page), /🎉 by keyboard/);
    await tabTo(page, /Options for alice/);
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Unfollow alice" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Enter");
    await row(page, "alice").waitFor({ state: "detached" });
    assert.equal(await focused(page), "People");
    await page.getByRole("log").filter({ hasText: "alice is off your list" }).waitFor();
    assert.deepEqual(problems, []);
  });

  it("has a name for every control, and fits a phone", async () => {
    const { page, problems } = await visit(browser, `${server.url}/demo`);
    await everythingIsNamed(page);
    await fits(page, [320, 390]);
    const long = "w".repeat(120);
    await runAs(server, long, `mutation { setSelfStatus(customStatus: "${"m".repeat(100)}") { version } }`);
    await page.goto(`${server.url}/demo?user=erin`);
    await page.getByRole("textbox", { name: "Follow people" }).fill(`${long} somebody`);
    await page.keyboard.press("Enter");
    await rowHas(page, "somebody", "no such user");
    await rowHas(page, long, "mmm");
    await setStatus(page, "n".repeat(100));
    await everythingIsNamed(page);
    await fits(page, [320, 390, 1280]);
    await page.getByRole("button", { name: "Change your status" }).click();
    await everythingIsNamed(page);
    await fits(page, [320, 390, 1280]);
    assert.deepEqual(problems, []);
  });

  it("follows the system's theme", async () => {
    const { page } = await signInAs(browser, server, "alice");
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.notEqual(await ground(), light);
  });
});

describe("the demo with a key configured", { skip }, () => {
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

  it("takes a pasted token, keeps it over a reload, and forgets it at sign-out", async () => {
    const { page, problems } = await visit(browser, `${server.url}/demo`);
    await page.getByLabel("Token").fill("hello");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "not a JWT" }).waitFor();
    await page.getByLabel("Token").fill(signToken(SECRET, "zoe"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "zoe" }).waitFor();
    await page.getByText("Nobody here yet").waitFor();
    await page.reload();
    await isConnected(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    await page.reload();
    await page.getByLabel("Token").waitFor();
    assert.deepEqual(problems, []);
  });

  it("says why a token is refused, and asks for another", async () => {
    const { page, problems } = await visit(browser, `${server.url}/demo`);
    await page.getByLabel("Token").fill(signToken("another secret of thirty-two bytes or more", "zoe"));
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "the token was refused" }).waitFor();
    await page.getByLabel("Token").waitFor();
    assert.deepEqual(problems, []);
  });
});

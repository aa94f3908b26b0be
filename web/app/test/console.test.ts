import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, skip, visit, type Visit } from "./browser.ts";
import { connect, detailsHave, figure, figureIs, isOpen, openConsole, related, says } from "./console.ts";
import { dialogIsGone, everythingIsNamed, fits, focused, rowHas, signInAs, tabTo, unexpected } from "./demo.ts";
import { runAs, runAsAdmin, signToken, startServer, type Server } from "./server.ts";

const SECRET = "a secret of thirty-two bytes or more";

/** Fails unless all went well at these visits, and closes them. */
async function end(...visits: Visit[]): Promise<void> {
  assert.deepEqual(visits.flatMap(({ problems }) => problems), []);
  await Promise.all(visits.map(({ context }) => context.close()));
}

/** A browser writes each answer of 401 into its console. */
const but401 = (problems: readonly string[]): string[] => problems.filter((problem) => !/status of 401/.test(problem));

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const dialog = (page: Page) => page.getByRole("dialog");

describe("the console in development mode", { skip }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    server = await startServer(["--offline-grace", "1s", "--set-status-rate", "0"]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const befriend = (a: string, b: string) => runAsAdmin(server, `mutation { addFriends(userID: "${a}", friendIDList: ["${b}"]) { failureUserList { code } } }`);

  it("shows connections and users come and go, with a plot that is read by keyboard", async () => {
    const seen = await openConsole(browser, server);
    const { page } = seen;
    await figureIs(page, "Nodes", "1");
    await figureIs(page, "Users online", "0");
    const devices = await Promise.all(["u1", "u1", "u2", "u3"].map((userID) => connect(server, userID)));
    await figureIs(page, "Users online", "3");
    await figureIs(page, "Connections", "4");
    await page.getByRole("row").filter({ hasText: "answers here" }).filter({ hasText: "Alive" }).waitFor();
    const plot = page.getByRole("slider", { name: "Users online over the last hour" });
    await page.waitForFunction(() => document.querySelectorAll(".plot .line")[1]?.getAttribute("d") !== "");
    await plot.focus();
    await page.keyboard.press("End");
    await figure(page, "Users online").getByText(/\d+:\d\d:\d\d.*: \d+$/).waitFor();
    assert.match((await plot.getAttribute("aria-valuetext")) ?? "", /^\d+ at \d+:\d\d:\d\d/);
    await page.keyboard.press("Escape");
    await figure(page, "Users online").getByText("each once, on whichever node").waitFor();
    await Promise.all(devices.map((device) => device.end()));
    await figureIs(page, "Users online", "0");
    await end(seen);
  });

  it("shows updates, and how long they and their writes took, while there is load", async () => {
    const device = await connect(server, "busy");
    const seen = await openConsole(browser, server);
    const loaded = new AbortController();
    const load = (async () => {
      while (!loaded.signal.aborted) await runAs(server, "busy", 'mutation { setSelfStatus(customStatus: "again") { version } }');
    })();
    const updates = figure(seen.page, "Updates a second").locator(".now").filter({ hasText: /^[1-9]/ });
    const delays = ["Delivery delay", "Write delay"].map((name) => figure(seen.page, name).locator(".now").filter({ hasText: /\d.* ms$/ }));
    await Promise.all([updates, ...delays].map((moved) => moved.waitFor()));
    loaded.abort();
    await load;
    await figureIs(seen.page, "Updates a second", "0");
    await device.end();
    await end(seen);
  });

  it("asks before it switches user status off, and a client is refused from then on, and told again once it is on", async () => {
    await runAs(server, "bob", 'mutation { subscribeUserStatus(userIDList: ["alice"]) { failureUserList { code } } }');
    const bob = await connect(server, "bob");
    const seen = await openConsole(browser, server, "#/switches");
    const { page } = seen;
    const toggle = page.getByRole("switch", { name: "User status" });
    const stateIs = (on: boolean) => page.getByRole("switch", { name: "User status", checked: on }).waitFor();
    await stateIs(true);
    await toggle.click();
    await dialog(page).getByText("from everybody").waitFor();
    await page.keyboard.press("Escape");
    await dialogIsGone(page);
    assert.match(await focused(page), /On/);
    await runAs(server, "bob", '{ userStatus(userIDList: ["alice"]) { failureUserList { code } } }');
    await toggle.click();
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await dialogIsGone(page);
    await toggle.click();
    await button(page, "Switch it off").click();
    await says(page, "User status is off");
    await stateIs(false);
    await assert.rejects(runAs(server, "bob", '{ userStatus(userIDList: ["alice"]) { failureUserList { code } } }'), /FEATURE_DISABLED/);
    await runAs(server, "alice", 'mutation { setSelfStatus(customStatus: "unheard") { version } }');
    await toggle.click();
    await says(page, "User status is on");
    await runAs(server, "alice", 'mutation { setSelfStatus(customStatus: "heard") { version } }');
    await bob.hears(({ customStatus }) => customStatus === "heard");
    await bob.end();
    await end(seen);
  });

  it("switches what friends are told on and off, as a friend's stream shows, and follows what others switch", async () => {
    await befriend("carol", "dave");
    const carol = await connect(server, "carol");
    const seen = await openConsole(browser, server, "#/switches");
    const { page } = seen;
    const toggle = (checked: boolean) => page.getByRole("switch", { name: "Friends are told of each other", checked });
    await toggle(false).click();
    await says(page, "Friends are told of each other’s changes.");
    await runAs(server, "dave", 'mutation { setSelfStatus(customStatus: "to friends") { version } }');
    await carol.hears(({ customStatus }) => customStatus === "to friends");
    await toggle(true).click();
    await says(page, "no longer told");
    await runAs(server, "dave", 'mutation { setSelfStatus(customStatus: "to nobody") { version } }');
    await runAs(server, "carol", 'mutation { setSelfStatus(customStatus: "after it") { version } }');
    await carol.hears(({ customStatus }) => customStatus === "after it");
    assert.ok(!carol.heard.some(({ customStatus }) => customStatus === "to nobody"));
    await runAsAdmin(server, "mutation { updateSettings(friendStatusNotificationEnabled: true) { userStatusEnabled } }");
    await toggle(true).waitFor();
    await runAsAdmin(server, "mutation { updateSettings(friendStatusNotificationEnabled: false) { userStatusEnabled } }");
    await toggle(false).waitFor();
    await carol.end();
    await end(seen);
  });

  it("finds a user by the beginning of their ID, shows them live, and ends their sessions", async () => {
    const seen = await openConsole(browser, server, "#/users");
    const { page } = seen;
    await page.getByLabel("User ID", { exact: true }).fill("fi");
    await page.getByRole("status").filter({ hasText: "No user whose ID begins with “fi”" }).waitFor();
    const finn = await connect(server, "finn");
    await page.getByRole("link", { name: "finn" }).click();
    await detailsHave(page, "finn", "Online", "on web at node", "To everyone");
    await runAs(server, "finn", 'mutation { setSelfStatus(customStatus: "moving") { version } }');
    await detailsHave(page, "finn", "moving");
    await page.getByRole("list", { name: "Last changes" }).getByRole("listitem").first().filter({ hasText: "Custom status set" }).waitFor();
    await button(page, "End sessions").click();
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await dialogIsGone(page);
    await detailsHave(page, "finn", "Online");
    await button(page, "End sessions").click();
    await dialog(page).getByRole("button", { name: "End sessions" }).click();
    assert.equal(await finn.closed, 4401);
    await says(page, "The sessions of finn are ended.");
    await detailsHave(page, "finn", "Signed out");
    await page.getByText("An admin ended their sessions").waitFor();
    await end(seen);
  });

  it("shows one who hides as they are, on a demo page of whom others see nothing change", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    await rowHas(bob.page, "alice", "Online");
    await runAs(server, "alice", "mutation { setSelfVisibility(visibility: NOBODY) { visibility } }");
    await rowHas(bob.page, "alice", "Offline");
    const seen = await openConsole(browser, server, "#/users/alice");
    await detailsHave(seen.page, "alice", "Online", "To nobody");
    await button(seen.page, "End sessions").click();
    await dialog(seen.page).getByRole("button", { name: "End sessions" }).click();
    await alice.page.getByRole("alert").filter({ hasText: "You were signed out" }).waitFor();
    await runAs(server, "alice", "mutation { setSelfVisibility(visibility: EVERYONE) { visibility } }");
    await end(alice, bob, seen);
  });

  it("registers several, says in words who failed, and leads to them", async () => {
    const seen = await openConsole(browser, server, "#/users");
    const { page } = seen;
    await page.getByText("Register users", { exact: true }).click();
    await page.getByLabel("User IDs", { exact: true }).fill(`rita, rob\n${"x".repeat(129)}`);
    await button(page, "Register").click();
    await says(page, /Registered rita and rob\. Not so x+: .*128 bytes/);
    await page.getByLabel("User IDs", { exact: true }).fill("y".repeat(129));
    await button(page, "Register").click();
    await page.getByRole("alert").filter({ hasText: "128 bytes" }).waitFor();
    await page.getByLabel("User ID", { exact: true }).fill("rita");
    await page.keyboard.press("Enter");
    await detailsHave(page, "rita", "Never signed in");
    assert.match(page.url(), /#\/users\/rita$/);
    await page.reload();
    await detailsHave(page, "rita", "Never signed in");
    await end(seen);
  });

  it("sets a status with an end, and clears it, and shows markup in it as text", async () => {
    await runAsAdmin(server, 'mutation { registerUsers(userIDList: ["sam"]) { failureUserList { code } } }');
    const seen = await openConsole(browser, server, "#/users/sam");
    const { page } = seen;
    const script = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    page.on("dialog", (opened) => seen.problems.push(`a dialog: ${opened.message()}`));
    await button(page, "Set a status").click();
    await page.getByRole("textbox", { name: "Custom status" }).fill(script);
    await page.getByLabel("Clear after").selectOption("1 hour");
    await button(page, "Save").click();
    await says(page, "The status of sam is set");
    await detailsHave(page, "sam", script, /until .*\d+:\d\d/);
    assert.equal(await page.locator("img[src=x], main script").count(), 0);
    await button(page, "Set a status").click();
    await page.getByRole("textbox", { name: "Custom status" }).fill("é".repeat(51));
    await dialog(page).getByRole("alert").filter({ hasText: "Too long by 2" }).waitFor();
    await button(page, "Clear status").click();
    await says(page, "The status of sam is cleared");
    await detailsHave(page, "sam", "None");
    await page.getByText("Custom status cleared").waitFor();
    await end(seen);
  });

  it("befriends and unfriends, leads from one to the other, and says what the server refuses", async () => {
    await runAsAdmin(server, 'mutation { registerUsers(userIDList: ["fay", "gus"]) { failureUserList { code } } }');
    const seen = await openConsole(browser, server, "#/users/fay");
    const { page } = seen;
    await related(page, "Friends").getByRole("textbox").fill("nobody-here");
    await button(page, "Befriend").click();
    await page.getByRole("alert").filter({ hasText: "nobody-here: no such user" }).waitFor();
    await related(page, "Friends").getByRole("textbox").fill("gus");
    await page.keyboard.press("Enter");
    await says(page, "fay and gus are friends.");
    await related(page, "Friends").getByRole("link", { name: "gus" }).click();
    await detailsHave(page, "gus", "Never signed in");
    await button(page, "Unfriend fay").click();
    await says(page, "gus and fay are no longer friends.");
    await page.getByRole("heading", { name: "Friends 0" }).waitFor();
    await page.goBack();
    await detailsHave(page, "fay", "Never signed in");
    await page.getByRole("heading", { name: "Friends 0" }).waitFor();
    await end(seen);
  });

  it("removes a user once their ID is typed, and nothing on cancel", async () => {
    await runAsAdmin(server, 'mutation { registerUsers(userIDList: ["ren"]) { failureUserList { code } } }');
    await befriend("ren", "alice");
    const ren = await connect(server, "ren");
    const seen = await openConsole(browser, server, "#/users/ren");
    const { page } = seen;
    await button(page, "Remove").click();
    await dialog(page).getByText("1 friendship").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "INPUT");
    await button(page, "Cancel").click();
    await dialogIsGone(page);
    assert.equal(await focused(page), "Remove");
    await page.keyboard.press("Enter");
    await page.keyboard.type("re");
    await page.keyboard.press("Enter");
    await button(page, "Remove ren").waitFor();
    await detailsHave(page, "ren", "Online");
    await page.keyboard.type("n");
    await page.keyboard.press("Enter");
    await says(page, "ren is removed.");
    assert.equal(await ren.closed, 4401);
    await page.getByRole("heading", { name: "There is no user ren" }).waitFor();
    await button(page, "Register ren").click();
    await detailsHave(page, "ren", "Never signed in");
    await end(seen);
  });

  it("pages long lists, and keeps what is shown right", async () => {
    const many = Array.from({ length: 75 }, (_, n) => `many-${String(n).padStart(2, "0")}`);
    await runAsAdmin(server, `mutation { registerUsers(userIDList: ${JSON.stringify([...many, "hub"])}) { failureUserList { code } } }`);
    await runAsAdmin(server, `mutation { addFriends(userID: "hub", friendIDList: ${JSON.stringify(many)}) { failureUserList { code } } }`);
    for (let n = 0; n < 25; n++) await runAs(server, "hub", `mutation { setSelfStatus(customStatus: "text ${n}.") { version } }`);
    const seen = await openConsole(browser, server, "#/users/hub");
    const { page } = seen;
    const friends = related(page, "Friends").getByRole("link");
    const counted = (rows: ReturnType<Page["locator"]>, count: number) => rows.nth(count - 1).waitFor();
    await page.getByRole("heading", { name: "Friends 75" }).waitFor();
    await counted(friends, 20);
    assert.equal(await friends.count(), 20);
    for (const shown of [40, 60, 75]) {
      await button(page, "More friends").click();
      await counted(friends, shown);
    }
    await button(page, "More friends").waitFor({ state: "detached" });
    const changes = page.getByRole("list", { name: "Last changes" }).getByRole("listitem");
    await counted(changes, 20);
    await button(page, "More changes").click();
    await changes.filter({ hasText: "Became a user" }).waitFor();
    await page.getByLabel("User ID", { exact: true }).fill("many-");
    const found = page.getByRole("list", { name: "Users" }).getByRole("link");
    await page.getByRole("status").filter({ hasText: "50 users whose ID begins with “many-”, of more." }).waitFor();
    await button(page, "More users").click();
    await counted(found, 75);
    await end(seen);
  });

  it("says that webhooks are off, and how they are switched on", async () => {
    const seen = await openConsole(browser, server, "#/webhooks");
    await seen.page.getByRole("heading", { name: "Webhooks are off" }).waitFor();
    await seen.page.getByText("--webhook-url").waitFor();
    await end(seen);
  });

  it("lists events that were set aside, sends them again, and asks before it discards them", async () => {
    const seen = await openConsole(browser, server);
    const { page } = seen;
    const events = new Set(["msg_1", "msg_2", "msg_3"]);
    await page.route("**/graphql", (route) => {
      const { operationName, variables } = route.request().postDataJSON() as { operationName: string; variables?: { idList?: string[] | null } };
      const named = variables?.idList ?? [...events];
      if (operationName === "Webhooks") return route.fulfill({ json: { data: asideOf([...events]) } });
      if (operationName !== "Resend" && operationName !== "Discard") return route.continue();
      for (const id of named) events.delete(id);
      return route.fulfill({ json: { data: operationName === "Resend" ? { resendWebhooks: named.length } : { discardWebhooks: named.length } } });
    });
    await page.getByRole("link", { name: "Webhooks" }).click();
    await page.getByText("the receiver answered 500").first().waitFor();
    await button(page, "Send msg_1 again").click();
    await says(page, "One event will be sent again.");
    await button(page, "Discard msg_2").click();
    await button(page, "Cancel").click();
    await dialogIsGone(page);
    await button(page, "Discard msg_2").click();
    await button(page, "Discard it").click();
    await says(page, "One event forgotten.");
    await button(page, "Send msg_2 again").waitFor({ state: "detached" });
    await button(page, "Discard all").click();
    await dialog(page).getByRole("button", { name: "Discard all" }).click();
    await page.getByText("Nothing was given up.").waitFor();
    await end(seen);
  });

  it("has each operation to copy, as a script would send it", async () => {
    const seen = await openConsole(browser, server, "#/switches");
    const { page, context } = seen;
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByText("As GraphQL").click();
    await button(page, "Copy Settings").click();
    await page.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.deepEqual(await runAsAdmin(server, copied), { settings: { userStatusEnabled: true, friendStatusNotificationEnabled: false } });
    await end(seen);
  });

  it("asks nothing while it is hidden, and at once when it is in sight again", async () => {
    const seen = await visit(browser, `${server.url}/console`);
    const { page } = seen;
    await page.clock.install();
    await page.goto(`${server.url}/console?user=admin`);
    await figureIs(page, "Nodes", "1");
    const hide = (hidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await hide(true);
    let asked = 0;
    page.on("request", () => asked++);
    await page.clock.runFor(60_000);
    assert.equal(asked, 0);
    const again = page.waitForRequest("**/graphql");
    await hide(false);
    await again;
    await end(seen);
  });

  it("refuses one who is no admin, in words", async () => {
    const seen = await visit(browser, `${server.url}/console?user=alice`);
    await seen.page.getByRole("alert").filter({ hasText: "This is the token of alice, who is not an admin." }).waitFor();
    await seen.page.getByRole("link", { name: "Sign in as admin" }).click();
    await isOpen(seen.page);
    await button(seen.page, "Sign out").click();
    await seen.page.getByRole("heading", { name: "Console" }).waitFor();
    assert.equal(new URL(seen.page.url()).search, "");
    await end(seen);
  });

  it("is worked by keyboard, has a name for everything, and fits a phone", async () => {
    const seen = await openConsole(browser, server, "#/users/alice");
    const { page } = seen;
    await detailsHave(page, "alice", "Signed out");
    await everythingIsNamed(page);
    await fits(page, [1280, 800, 360]);
    for (const [link, heading] of [["Overview", "Nodes"], ["Switches", "User status"], ["Webhooks", "Webhooks are off"]] as const) {
      await tabTo(page, new RegExp(`^${link}$`));
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
      assert.equal(await focused(page), link); // the section's name
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
      await everythingIsNamed(page);
      await fits(page, [1280, 800, 360]);
    }
    await end(seen);
  });
});

/** What the server answers with where these events were set aside. */
function asideOf(ids: string[]): object {
  const change = { userID: "alice", version: 1, at: "2026-11-24T09:30:00Z", reason: "LOGIN", oldStatusType: "OFFLINE", statusType: "ONLINE", customStatus: "", customStatusExpiresAt: null, availability: "AVAILABLE" };
  const edges = ids.map((id) => ({ node: { id, change, attempts: 30, lastError: "the receiver answered 500", setAsideAt: "2026-11-25T09:30:00Z" } }));
  return {
    webhooks: { enabled: true, pending: 2, pendingSince: "2026-11-25T09:00:00Z", setAside: ids.length },
    webhooksSetAside: { edges, pageInfo: { hasNextPage: false, endCursor: ids.at(-1) ?? null } },
  };
}

describe("the console while the server is away", { skip }, () => {
  it("says so, keeps what it knew, and goes on by itself", async () => {
    const server = await startServer();
    const browser = await launch();
    try {
      const { page, problems } = await openConsole(browser, server);
      await figureIs(page, "Nodes", "1");
      await server.kill();
      await page.getByRole("status").filter({ hasText: "The server can’t be reached." }).waitFor();
      await page.locator(".stale").waitFor();
      await figureIs(page, "Nodes", "1");
      await server.restart();
      await page.getByText("The server can’t be reached.").waitFor({ state: "detached" });
      await page.locator(".stale").waitFor({ state: "detached" });
      // in development mode a server that starts again has another key
      assert.deepEqual(but401(unexpected(problems)), []);
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});

describe("the console with a key configured", { skip }, () => {
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

  async function paste(page: Page, token: string): Promise<void> {
    await page.getByLabel("An admin’s token").fill(token);
    await button(page, "Sign in").click();
  }
  it("takes an admin's token alone, keeps it over a reload, and never has it in the address", async () => {
    const { page, problems, context } = await visit(browser, `${server.url}/console#/switches`);
    await paste(page, "hello");
    await page.getByRole("alert").filter({ hasText: "not a JWT" }).waitFor();
    await paste(page, signToken(SECRET, "zoe"));
    await page.getByRole("alert").filter({ hasText: "This is the token of zoe, who is not an admin." }).waitFor();
    await paste(page, signToken("another secret of thirty-two bytes or more", "zoe", "admin"));
    await page.getByRole("alert").filter({ hasText: "The server refuses this token" }).waitFor();
    await paste(page, signToken(SECRET, "zoe", "admin"));
    await page.getByRole("switch", { name: "User status", checked: true }).waitFor();
    assert.equal(page.url(), `${server.url}/console#/switches`);
    await page.reload();
    await page.getByRole("switch", { name: "User status", checked: true }).waitFor();
    await button(page, "Sign out").click();
    await page.reload();
    await page.getByLabel("An admin’s token").waitFor();
    assert.deepEqual(but401(problems), []);
    await context.close();
  });

  it("asks for another once the token has expired, and keeps the page as it is", async () => {
    const { page, problems, context } = await visit(browser, `${server.url}/console#/users`);
    await paste(page, signToken(SECRET, "zoe", "admin", 4));
    await page.getByText("Register users", { exact: true }).click();
    await page.getByLabel("User IDs", { exact: true }).fill("half-written");
    await dialog(page).getByRole("heading", { name: "Sign in anew" }).waitFor();
    await paste(page, signToken(SECRET, "zoe"));
    await dialog(page).getByRole("alert").filter({ hasText: "not an admin" }).waitFor();
    await paste(page, signToken(SECRET, "zoe", "admin"));
    await dialogIsGone(page);
    assert.equal(await page.getByLabel("User IDs", { exact: true }).inputValue(), "half-written");
    await button(page, "Register").click();
    await says(page, "Registered half-written.");
    assert.deepEqual(but401(problems), []);
    await context.close();
  });
});

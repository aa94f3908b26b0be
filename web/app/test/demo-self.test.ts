import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, skip, type Visit } from "./browser.ts";
import { cardHas, choose, doWith, everythingIsNamed, fits, focused, isConnected, recordRow, row, rowHas, rowIs, setStatus, setting, signInAs, tabTo } from "./demo.ts";
import { runAs, runAsAdmin, startServer, type Server } from "./server.ts";

const ALL_WELL: string[] = [];

/** Has somebody at the page until the work is done. */
async function whileMoving(page: Page, work: () => Promise<void>): Promise<void> {
  let done = false;
  const moving = (async () => {
    for (let x = 0; !done; x = (x + 10) % 200) {
      await page.mouse.move(40 + x, 40);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
  })();
  try {
    await work();
  } finally {
    done = true;
    await moving;
  }
}

describe("the demo's own card and menus", { skip }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    browser = await launch();
    server = await startServer(["--set-status-rate", "0"]);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const people = (...visits: Visit[]) => ({
    async end() {
      assert.deepEqual(visits.flatMap(({ problems }) => problems), ALL_WELL);
      await Promise.all(visits.map(({ context }) => context.close()));
    },
  });
  const says = (page: Page, text: string) => page.getByRole("log").filter({ hasText: text }).waitFor();

  it("show one who does nothing as away, and as back at the first move", async () => {
    const bob = await signInAs(browser, server, "bob");
    await rowHas(bob.page, "alice");
    const alice = await signInAs(browser, server, "alice", 2);
    await rowIs(bob.page, "alice", "Online, away");
    await cardHas(alice.page, "Online, away");
    await says(bob.page, "alice is online, away.");
    await whileMoving(alice.page, async () => {
      await rowIs(bob.page, "alice", "Online");
      await cardHas(alice.page, "Online");
    });
    await cardHas(bob.page, "Online");
    await people(alice, bob).end();
  });

  it("set busy and away by keyboard alone, which stays over a reload, and automatic again", async () => {
    const carol = await signInAs(browser, server, "carol");
    const bob = await signInAs(browser, server, "bob");
    const { page } = carol;
    await setting(page, "Availability", "Automatic").waitFor();
    await tabTo(page, /^Availability: Automatic/);
    await page.keyboard.press("ArrowDown");
    const item = (name: string) => page.getByRole("menuitemradio", { name, exact: true }).and(page.locator(":focus")).waitFor();
    await item("Automatic");
    assert.equal(await page.getByRole("menuitemradio", { name: "Automatic" }).getAttribute("aria-checked"), "true");
    await page.keyboard.press("ArrowUp");
    await item("Busy");
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    assert.match(await focused(page), /^Availability: Automatic/);
    await page.keyboard.press("Enter");
    await item("Automatic");
    await page.keyboard.press("b");
    await item("Busy");
    await page.keyboard.press("Enter");
    await rowIs(bob.page, "carol", "Online, busy");
    await setting(page, "Availability", "Busy").waitFor();
    await cardHas(page, "Online, busy");
    await says(page, "You are busy.");
    assert.match(await focused(page), /^Availability/);

    await page.reload();
    await isConnected(page);
    await setting(page, "Availability", "Busy").waitFor();
    await rowIs(bob.page, "carol", "Online, busy");
    await choose(page, "Availability", "Away");
    await rowIs(bob.page, "carol", "Online, away");
    await choose(page, "Availability", "Automatic");
    await rowIs(bob.page, "carol", "Online");
    await people(carol, bob).end();
  });

  it("close by Tab and by a press elsewhere, and change nothing", async () => {
    const dave = await signInAs(browser, server, "dave");
    const { page } = dave;
    await setting(page, "Visible to", "Everyone").click();
    await page.keyboard.press("End");
    await page.keyboard.press("Tab");
    await page.getByRole("menu").waitFor({ state: "detached" });
    assert.doesNotMatch(await focused(page), /Visible to|Nobody/);
    await setting(page, "Visible to", "Everyone").click();
    await setting(page, "Availability", "Automatic").click();
    await page.getByRole("menu", { name: "Availability" }).waitFor();
    assert.equal(await page.getByRole("menu").count(), 1);
    await page.getByRole("heading", { name: "People" }).click();
    await page.getByRole("menu").waitFor({ state: "detached" });
    await setting(page, "Visible to", "Everyone").waitFor();
    await people(dave).end();
  });

  it("make one invisible, over a reload and with no sound of later changes, and visible again", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    await rowIs(bob.page, "alice", "Online");
    assert.equal(await alice.page.getByText("Invisible:").count(), 0);
    await choose(alice.page, "Visible to", "Nobody");
    await rowHas(bob.page, "alice", "Offline", "last seen");
    await cardHas(alice.page, "Invisible: others see you offline");
    await says(alice.page, "You are invisible");
    const history = await recordRow(bob.page, "alice");

    await choose(alice.page, "Availability", "Busy");
    await setStatus(alice.page, "not for others");
    await alice.page.reload();
    await isConnected(alice.page);
    await cardHas(alice.page, "Invisible: others see you offline");
    await cardHas(alice.page, "Online, busy");
    await setStatus(bob.page, "seen by the invisible");
    await rowHas(alice.page, "bob", "Online", "seen by the invisible");

    assert.doesNotMatch((await history()).join("\n"), /Online|not for others/);
    await choose(alice.page, "Visible to", "Everyone");
    await rowHas(bob.page, "alice", "Online, busy", "not for others");
    await alice.page.getByText("Invisible:").waitFor({ state: "detached" });
    await choose(alice.page, "Availability", "Automatic");
    await people(alice, bob).end();
  });

  it("let friends alone see one", async () => {
    await runAsAdmin(server, 'mutation { addFriends(userID: "alice", friendIDList: ["carol"]) { failureUserList { code } } }');
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    const carol = await signInAs(browser, server, "carol");
    for (const { page } of [bob, carol]) await rowIs(page, "alice", "Online");
    await choose(alice.page, "Visible to", "Friends");
    await rowIs(bob.page, "alice", "Offline");
    await choose(alice.page, "Availability", "Away");
    await rowIs(carol.page, "alice", "Online, away");
    await rowIs(bob.page, "alice", "Offline");
    assert.equal(await alice.page.getByText("Invisible:").count(), 0);
    await choose(alice.page, "Visible to", "Everyone");
    await rowIs(bob.page, "alice", "Online, away");
    await choose(alice.page, "Availability", "Automatic");
    await people(alice, bob, carol).end();
  });

  it("block by keyboard, over a reload, and unblock in the row", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    const { page } = alice;
    await rowIs(bob.page, "alice", "Online");
    await page.getByRole("button", { name: "Options for bob" }).waitFor();
    await tabTo(page, /^Options for bob/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("End");
    assert.equal(await focused(page), "Block bob");
    await page.keyboard.press("Enter");
    await rowIs(bob.page, "alice", "Offline");
    await rowHas(page, "bob", "Online", "blocked");
    await says(page, "bob is blocked");
    assert.equal(await focused(page), "Options for bob");
    await setStatus(bob.page, "unaware");
    await rowHas(page, "bob", "unaware");
    await page.reload();
    await rowHas(page, "bob", "Online", "blocked");
    await rowIs(bob.page, "alice", "Offline");
    await doWith(page, "Unblock", "bob");
    await rowIs(bob.page, "alice", "Online");
    await row(page, "bob").getByText("blocked", { exact: true }).waitFor({ state: "detached" });
    await says(page, "bob is no longer blocked.");
    await people(alice, bob).end();
  });

  it("list everybody one has blocked, also those one doesn't follow", async () => {
    const alice = await signInAs(browser, server, "alice");
    const bob = await signInAs(browser, server, "bob");
    const { page } = alice;
    for (const other of ["bob", "dave"]) await doWith(page, "Block", other);
    await page.getByText("Blocked: 2", { exact: true }).click();
    await doWith(page, "Unfollow", "bob");
    await row(page, "bob").waitFor({ state: "detached" });
    const unblock = (userID: string) => page.getByRole("list", { name: "Blocked people" }).getByRole("button", { name: `Unblock ${userID}` });
    await unblock("bob").click();
    await rowIs(bob.page, "alice", "Online");
    await page.getByText("Blocked: 1", { exact: true }).waitFor();
    assert.equal(await focused(page), "People");
    await unblock("dave").click();
    await page.getByText(/^Blocked: /).waitFor({ state: "detached" });
    await people(alice, bob).end();
  });

  it("say why somebody can't be blocked", async () => {
    await runAsAdmin(server, 'mutation { registerUsers(userIDList: ["zoe"]) { failureUserList { code } } }');
    const alice = await signInAs(browser, server, "alice");
    await alice.page.getByRole("textbox", { name: "Follow people" }).fill("zoe");
    await alice.page.keyboard.press("Enter");
    await rowHas(alice.page, "zoe", "Never signed in");
    await runAsAdmin(server, 'mutation { removeUsers(userIDList: ["zoe"]) { failureUserList { code } } }');
    await doWith(alice.page, "Block", "zoe");
    await alice.page.getByRole("alert").filter({ hasText: "zoe: no such user." }).waitFor();
    await people(alice).end();
  });

  it("bring the earlier status back once one with an end is over, on all pages, and say so before", async () => {
    const carol = await signInAs(browser, server, "carol");
    const bob = await signInAs(browser, server, "bob");
    await setStatus(carol.page, "at work");
    await rowHas(bob.page, "carol", "at work");
    await carol.page.getByRole("button", { name: "Change your status" }).click();
    const comesBack = carol.page.getByText("Then your earlier status comes back: at work");
    await carol.page.getByLabel("Clear after").selectOption("1 hour");
    assert.equal(await comesBack.count(), 0); // the same text is to end
    await carol.page.getByLabel("What is your status?").fill("at lunch");
    for (const lasting of ["30 minutes", "1 hour", "4 hours", "Until tomorrow"]) {
      await carol.page.getByLabel("Clear after").selectOption(lasting);
      await comesBack.waitFor();
    }
    await carol.page.keyboard.press("Escape");

    const soon = new Date(Date.now() + 6_000).toISOString();
    await runAs(server, "carol", `mutation { setSelfStatus(customStatus: "at lunch", expiresAt: "${soon}") { version } }`);
    await rowHas(bob.page, "carol", "at lunch", "until");
    await carol.page.getByRole("button", { name: /at lunch.*until/ }).waitFor();
    await rowHas(bob.page, "carol", "at work");
    await carol.page.getByRole("button", { name: /at work$/ }).waitFor();
    await people(carol, bob).end();
  });

  it("have a name for everything in a menu, and fit a phone", async () => {
    const erin = await signInAs(browser, server, "erin");
    const { page } = erin;
    await doWith(page, "Block", "bob");
    await page.getByText("Blocked: 1", { exact: true }).click();
    await choose(page, "Visible to", "Nobody");
    for (const open of [setting(page, "Availability"), setting(page, "Visible to"), page.getByRole("button", { name: "Options for bob" })]) {
      await open.click();
      await page.getByRole("menu").waitFor();
      await everythingIsNamed(page);
      await fits(page, [320, 360, 1280]);
      await page.keyboard.press("Escape");
    }
    await people(erin).end();
  });
});

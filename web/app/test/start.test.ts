import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, skip, visit } from "./browser.ts";
import { startServer, type Server } from "./server.ts";

describe("the start page", { skip }, () => {
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

  it("has no link that leads nowhere", async () => {
    const { page, problems } = await visit(browser, server.url);
    const links = await page.locator("a").evaluateAll((found) => found.map((link) => (link as HTMLAnchorElement).href));
    assert.ok(links.length > 8);
    for (const link of new Set(links)) assert.equal((await fetch(link)).status, 200, link);
    assert.deepEqual(problems, []);
  });

  it("leads to the playground as a demo user", async () => {
    const { page, problems } = await visit(browser, server.url);
    await page.getByRole("link", { name: "carol" }).click();
    assert.equal(await page.getByLabel("Signed in as").inputValue(), "user=carol");
    assert.deepEqual(problems, []);
  });

  it("has commands that work as they are copied", async () => {
    const { page, context } = await visit(browser, server.url);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const [token = "", set = "", ask = "", listen = ""] = await copyAll(page);
    await shell([token, set], /"customStatus":"in a meeting"/);
    await shell([token, ask], /"userID":"alice"/);
    await shell([token, listen], /event: next\s+data: .*"userID":"alice","statusType":"ONLINE"/);
  });

  it("fits a phone and follows the system's theme", async () => {
    const { page } = await visit(browser, server.url);
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.notEqual(await ground(), light);
  });
});

async function copyAll(page: Page): Promise<string[]> {
  const copied: string[] = [];
  for (const block of await page.locator(".commands").all()) {
    await block.getByRole("button", { name: "Copy" }).click();
    await block.getByText("Copied").waitFor();
    copied.push(await page.evaluate(() => navigator.clipboard.readText()));
  }
  return copied;
}

/** Runs commands in one shell until what they print matches, stops them, and gives what they printed. */
async function shell(commands: string[], wanted: RegExp): Promise<string> {
  const running = spawn("sh", ["-c", commands.join("\n")], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  let printed = "";
  for await (const chunk of running.stdout) {
    printed += String(chunk);
    if (!wanted.test(printed)) continue;
    if (running.exitCode === null && running.pid !== undefined) process.kill(-running.pid, "SIGTERM");
    return printed;
  }
  assert.fail(`${commands.join("\n")}\nprinted only: ${printed}`);
}

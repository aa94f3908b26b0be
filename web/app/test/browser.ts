import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Why the tests are skipped, or false. With CI set, a browser that is missing is a failure. */
export const skip = !existsSync(CHROMIUM) && !process.env["CI"] && `no browser at ${CHROMIUM}; CHROMIUM names another`;

/** No name but the loopback address resolves in it. */
export function launch(): Promise<Browser> {
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  const alone = ["--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...quiet, ...alone] });
}

/** Visit is somebody's browser: its pages, and what went wrong on any of them. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Requests to another host, errors in the console, and exceptions; empty where all is well. */
  problems: string[];
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext();
  const problems: string[] = [];
  const { origin } = new URL(url);
  context.on("page", (page) => watch(page, origin, problems));
  const page = await context.newPage();
  await page.goto(url);
  return { page, context, problems };
}

function watch(page: Page, origin: string, problems: string[]): void {
  const isOwn = (url: string): boolean => url.replace(/^ws/, "http").startsWith(`${origin}/`) || /^(blob|data):/.test(url);
  const check = (request: { url(): string }): void => {
    if (!isOwn(request.url())) problems.push(`asked another host: ${request.url()}`);
  };
  page.on("request", check);
  page.on("websocket", check);
  page.on("pageerror", (error) => problems.push(`threw ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
}

/** Chooses an operation of the open tab in the play button's menu, which is there once the editor has read the tab. */
export async function run(page: Page, operation: string): Promise<void> {
  await page.locator(".graphiql-execute-button[aria-haspopup=menu]").click();
  await page.getByRole("menuitem", { name: operation, exact: true }).click();
}

/** Resolves once the result pane has all of these texts. */
export async function resultHas(page: Page, ...texts: string[]): Promise<void> {
  const pane = texts.reduce((found: Locator, text) => found.filter({ hasText: text }), page.locator(".result-window"));
  await pane.waitFor();
}

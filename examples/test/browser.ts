import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Why the tests are skipped, or false. With CI set, a browser that is missing is a failure. */
export const skip = !existsSync(CHROMIUM) && !process.env["CI"] && `no browser at ${CHROMIUM}; CHROMIUM names another`;

/** No name but the loopback address resolves in it. */
export function launch(): Promise<Browser> {
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  const alone = ["--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...quiet, ...alone] });
}

/** Somebody's browser at the page, and what went wrong there. */
export interface Visit {
  readonly page: Page;
  readonly problems: readonly string[];
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const page = await (await browser.newContext()).newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`threw ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  await page.goto(url);
  return { page, problems };
}

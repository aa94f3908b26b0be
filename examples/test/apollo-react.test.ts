import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Locator } from "playwright-core";
import { launch, skip, visit, type Visit } from "./browser.ts";
import { EXAMPLES, REPOSITORY } from "./paths.ts";
import { run, start, type Program } from "./program.ts";
import { startServer, type Server } from "./server.ts";

const SOURCE = join(EXAMPLES, "apollo-react");
/** What a clone of the repository doesn't have. */
const BUILT = ["node_modules", "dist", "gql", "package-lock.json"];

/** The example as its README says, in a folder where nothing of the repository is. */
async function install(folder: string): Promise<void> {
  await cp(SOURCE, folder, { recursive: true, filter: (path) => !BUILT.includes(basename(path)) });
  const packed = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: join(REPOSITORY, "client") });
  const tarball = `./${packed.trim().split("\n").at(-1)}`;
  await run("npm", ["install", "--no-save", "--prefer-offline", "--no-audit", "--no-fund", tarball], { cwd: folder });
}

/** Serves the build on a free port. */
async function serve(cwd: string): Promise<{ preview: Program; url: string }> {
  const preview = start(join(cwd, "node_modules/.bin/vite"), ["preview", "--host", "127.0.0.1", "--port", "0"], { cwd, env: { NO_COLOR: "1" } });
  const line = await preview.line("http://");
  return { preview, url: line.slice(line.indexOf("http://")).trim() };
}

describe("the Apollo and React example", { skip }, () => {
  let folder: string;
  let server: Server;
  let preview: Program;
  let browser: Browser;
  let alice: Visit;
  let bob: Visit;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "userstatus-apollo-react-"));
    await install(folder);
    server = await startServer();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await preview?.end();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("asks for the version that the package has", async () => {
    const read = async (path: string): Promise<any> => JSON.parse(await readFile(path, "utf8"));
    const { version } = await read(join(REPOSITORY, "client/package.json"));
    assert.equal((await read(join(SOURCE, "package.json"))).dependencies.userstatus, version);
  });

  test("generates its types from the server's schema, type-checks and builds", async () => {
    await run("npm", ["run", "build"], { cwd: folder, env: { VITE_USERSTATUS_URL: server.url } });
  });

  test("serves a page that signs people in from another port than the server's", async () => {
    const served = await serve(folder);
    preview = served.preview;
    alice = await open(browser, `${served.url}?user=alice`, "alice");
    bob = await open(browser, `${served.url}?user=bob`, "bob");
  });

  test("a status that one sets is on the other's page", async () => {
    await follow(alice, "bob");
    await follow(bob, "alice");
    await contact(alice, "bob").filter({ hasText: "ONLINE" }).waitFor();
    await setStatus(bob, "having lunch");
    await contact(alice, "bob").filter({ hasText: "having lunch" }).waitFor();
  });

  test("what its own operation changes is shown by the package's hooks, on both pages", async () => {
    await bob.page.getByRole("button", { name: "Busy" }).click();
    await bob.page.getByRole("button", { name: "Busy", pressed: true }).waitFor();
    await contact(alice, "bob").filter({ hasText: "BUSY" }).waitFor();
  });

  test("a user who isn't there is said to be none, and one who is unfollowed is gone", async () => {
    await follow(alice, "nobody");
    await contact(alice, "nobody").filter({ hasText: "no such user" }).waitFor();
    await contact(alice, "nobody").getByRole("button", { name: "Unfollow" }).click();
    await contact(alice, "nobody").waitFor({ state: "detached" });
  });

  test("a text that is too long is refused in words", async () => {
    await setStatus(bob, "x".repeat(101));
    await bob.page.getByRole("alert").filter({ hasText: "at most 100" }).waitFor();
  });

  test("nothing went wrong on either page", () => assert.deepEqual([...alice.problems, ...bob.problems], []));

  test("a server that is killed shows, and both pages are right again once it is back", async () => {
    await server.kill();
    await alice.page.getByText("offline", { exact: true }).waitFor();
    await server.restart();
    await setStatus(bob, "back again"); // waits for the connection
    await contact(alice, "bob").filter({ hasText: "ONLINE BUSY back again" }).waitFor();
    await alice.page.getByText("offline", { exact: true }).waitFor({ state: "detached" });
  });
});

/** Resolves once the page knows who one is, that is, once one is known to the server. */
async function open(browser: Browser, url: string, user: string): Promise<Visit> {
  const opened = await visit(browser, url);
  await opened.page.getByRole("heading", { name: user }).waitFor();
  return opened;
}

const contact = ({ page }: Visit, userID: string): Locator => page.getByRole("listitem", { name: userID });

async function follow({ page }: Visit, userID: string): Promise<void> {
  await page.getByLabel("User ID").fill(userID);
  await page.getByRole("button", { name: "Follow", exact: true }).click();
}

async function setStatus({ page }: Visit, text: string): Promise<void> {
  await page.getByLabel("Your status").fill(text);
  await page.getByRole("button", { name: "Set" }).click();
}

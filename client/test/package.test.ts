import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { atEnd } from "./cleanup.ts";
import { startServer } from "./server.ts";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL("..", import.meta.url));

/** What somebody would write with the package, under the strictest rules. */
const APP = `
import TencentCloudChat, { create, detectIdle, EVENT, expiresIn, TYPES, untilTomorrow, UserStatusError, type Chat, type Self, type UserStatus } from "userstatus";
import { WebSocket } from "ws";

const [url = "", token = ""] = process.argv.slice(2);
const chat: Chat = TencentCloudChat.create({ url, token: async () => token, webSocketImpl: WebSocket });
chat.on(EVENT.USER_STATUS_UPDATED, ({ data }) => data.map(({ userID }) => userID satisfies string));
chat.on(EVENT.CONNECTION_CHANGED, ({ data }) => data.reason?.code satisfies number | undefined);
const { data }: { data: UserStatus } = await chat.setSelfStatus({ customStatus: "packed", expiresAt: null });
const self: Self = (await chat.setSelfVisibility({ visibility: TYPES.VISIBILITY_FRIENDS })).data;
await chat.setSelfStatus({ customStatus: "packed", expiresAt: self.visibility === "FRIENDS" ? untilTomorrow() : expiresIn({ hours: 1 }) });
detectIdle(chat.connection, { after: 60_000 })();
const failed: unknown = await chat.setSelfStatus({ customStatus: "x".repeat(200) }).catch((error: unknown) => error);
const code = failed instanceof UserStatusError ? failed.code : 0;
console.log(JSON.stringify([data.statusType === TYPES.USER_STATUS_ONLINE, data.customStatus, code, create === TencentCloudChat.create]));
chat.close();

// @ts-expect-error customStatus is required
export const wrong = () => chat.setSelfStatus({});
// @ts-expect-error there is no such event
export const none = () => chat.on("nothing", () => {});
`;

const PAGE = `
import { ApolloClient, InMemoryCache } from "@apollo/client";
import { typePolicies, userStatusLink, useSelf, useSelfStatus, useUserStatus, useUserStatuses } from "userstatus/apollo";
import { rosterOf } from "userstatus/apollo/core";
import { create } from "userstatus";

const link = userStatusLink({ url: "/", token: "t" });
export const client = new ApolloClient({ cache: new InMemoryCache({ typePolicies }), link });
export const shared = userStatusLink(create({ url: "/", token: "t" }));
export const roster = rosterOf(client);
export function Contact({ userID }: { userID: string }) {
  const { status, stale, loading, failure } = useUserStatus(userID);
  const { statuses, failures } = useUserStatuses([userID]);
  const { setCustomStatus, setAvailability } = useSelfStatus();
  const { self, block } = useSelf();
  const text: string = failure ? failure.message : status.customStatus;
  const flags: boolean = stale || loading;
  const save = (): Promise<unknown> => setCustomStatus("lunch", { expiresAt: new Date() });
  const away = (): Promise<unknown> => setAvailability(self?.visibility === "NOBODY" ? "AVAILABLE" : "AWAY");
  const hide = async (): Promise<number> => (await block([userID])).length;
  return { text, flags, save, away, hide, count: statuses.length + failures.length };
}
`;

const tsconfig = (module: string, moduleResolution: string): string =>
  JSON.stringify({
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2023", "DOM"],
      module,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      outDir: "out",
      types: ["node"],
    },
    files: ["app.ts", "page.ts"],
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "userstatus-package-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  await run("npm", ["pack", "--pack-destination", folder], { cwd: HERE });
  const { version, devDependencies } = JSON.parse(await readFile(join(HERE, "package.json"), "utf8"));
  const others = ["@apollo/client", "@types/node", "@types/react", "@types/ws", "react", "rxjs", "typescript", "ws"];
  const pinned = others.map((name) => `${name}@${devDependencies[name]}`);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `./userstatus-${version}.tgz`, ...pinned], { cwd: folder });
  await writeFile(join(folder, "app.ts"), APP);
  await writeFile(join(folder, "page.ts"), PAGE);
}, 180_000);

/** The compiler's complaints, declarations of the package's own included; those of others' are theirs. */
async function complaints(): Promise<string[]> {
  const compiled = run(process.execPath, [join(folder, "node_modules/typescript/bin/tsc"), "-p", "."], { cwd: folder });
  const { stdout } = await compiled.catch((failure: { stdout: string }) => failure);
  return stdout.split("\n").filter((line) => /^(?!node_modules\/(?!userstatus\/))\S/.test(line));
}

test("the package has what was built, and nothing else", async () => {
  const installed = join(folder, "node_modules/userstatus");
  expect((await readdir(installed)).sort()).toEqual(["README.md", "dist", "package.json"]);
  const all = await readdir(join(installed, "dist"), { recursive: true });
  expect(all.filter((name) => /test|\.map$/.test(name))).toEqual([]);
});

test.for([
  ["ESNext", "bundler"],
  ["NodeNext", "nodenext"],
] as const)("a strict app compiles against it with module %s and resolution %s", async ([module, resolution]) => {
  await writeFile(join(folder, "tsconfig.json"), tsconfig(module, resolution));
  expect(await complaints()).toEqual([]);
});

test("the compiled app runs", async () => {
  const server = await startServer();
  const { stdout } = await run(process.execPath, ["out/app.js", server.url, await server.token("packed-alice")], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual([true, "packed", 6017, true]);
});

test("its entries weigh 12 KB at most, gzipped, without peers, graphql and graphql-ws", async () => {
  const { stdout } = await run(process.execPath, [join(HERE, "scripts/size.js"), join(folder, "node_modules/userstatus")]);
  console.log(stdout.trim());
  expect(stdout).toMatch(/^userstatus: \d+ bytes.*\nuserstatus\/apollo: \d+ bytes/);
});

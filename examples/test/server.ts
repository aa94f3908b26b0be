import { mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start, type Program } from "./program.ts";
import { REPOSITORY } from "./paths.ts";

const BINARY = process.env["USERSTATUS_BIN"] ?? join(REPOSITORY, "bin/userstatus");

/** The real program in development mode, on a database of its own. */
export interface Server {
  readonly url: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, on the same database and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it on a free port, with these settings. */
export async function startServer(settings: readonly string[] = []): Promise<Server> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: build it with make, or name another in USERSTATUS_BIN`);
  const folder = await mkdtemp(join(tmpdir(), "userstatus-examples-"));
  const listen = (address: string): Program =>
    start(BINARY, [`--listen=${address}`, `--database=sqlite:${join(folder, "test.db")}`, ...settings], { cwd: folder });
  let program = listen("127.0.0.1:0");
  const url = await urlOf(program);
  const kill = (): Promise<void> => program.end("SIGKILL");
  return {
    url,
    kill,
    async restart() {
      program = listen(new URL(url).host);
      await urlOf(program);
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function urlOf(program: Program): Promise<string> {
  const { url } = JSON.parse(await program.line('"msg":"listening"')) as { url: string };
  return url;
}

/** Runs an operation as a demo user by HTTP. */
export async function runAs(server: Server, userID: string, query: string): Promise<void> {
  const { token } = (await (await fetch(`${server.url}/dev/token?user=${userID}`)).json()) as { token: string };
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  const response = await fetch(`${server.url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
  const { errors } = (await response.json()) as { errors?: unknown };
  if (errors) throw new Error(`${query}: ${JSON.stringify(errors)}`);
}

export const setStatus = (server: Server, userID: string, text: string): Promise<void> =>
  runAs(server, userID, `mutation { setSelfStatus(customStatus: ${JSON.stringify(text)}) { version } }`);

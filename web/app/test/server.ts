import { spawn, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BINARY = process.env["USERSTATUS_BIN"] ?? fileURLToPath(new URL("../../../bin/userstatus", import.meta.url));

/** Server is the real program, on a database of its own. */
export interface Server {
  url: string;
  stop(): Promise<void>;
  /** Ends it as a crash would, with no word to anybody. */
  kill(): Promise<void>;
  /** Starts it again after a kill, at the same address and on the same database. */
  restart(): Promise<void>;
}

/** Starts the program on a free port with these settings, and resolves once it listens. */
export async function startServer(settings: string[] = []): Promise<Server> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: build it first, or name another in USERSTATUS_BIN`);
  const dir = await mkdtemp(join(tmpdir(), "userstatus-pages-"));
  const launch = (address: string): ChildProcess => {
    const args = ["--listen", address, "--database", `sqlite:${join(dir, "test.db")}`, ...settings];
    return spawn(BINARY, args, { env: ownSettingsOnly(process.env), stdio: ["ignore", "ignore", "pipe"] });
  };
  let program = launch("127.0.0.1:0");
  const url = await listening(program);
  return {
    url,
    async stop() {
      await end(program, "SIGTERM");
      await rm(dir, { recursive: true, force: true });
    },
    kill: () => end(program, "SIGKILL"),
    async restart() {
      program = launch(new URL(url).host);
      await listening(program);
    },
  };
}

async function end(program: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (program.exitCode === null && program.signalCode === null && program.kill(signal)) await once(program, "exit");
}

function ownSettingsOnly(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("USERSTATUS_")));
}

/** Reads the log until it says where the program listens, and goes on reading so that the pipe never fills. */
function listening(program: ChildProcess): Promise<string> {
  const log: string[] = [];
  return new Promise((resolve, reject) => {
    program.once("error", reject);
    program.once("exit", () => reject(new Error(`the server ended before it listened:\n${log.join("\n")}`)));
    if (!program.stderr) return reject(new Error("the server has no stderr"));
    createInterface(program.stderr).on("line", (line) => {
      log.push(line);
      const url = listeningURL(line);
      if (url) resolve(url);
    });
  });
}

function listeningURL(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  const entry = JSON.parse(line) as { msg?: string; url?: string };
  return entry.msg === "listening" ? entry.url : undefined;
}

/** What an app's backend does: signs a token for userID with the secret it shares with the server, good for so many seconds. */
export function signToken(secret: string, userID: string, role?: "admin", seconds = 600): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub: userID, role, exp })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** Runs an operation as a demo user by HTTP, and gives its data. */
export function runAs(server: Server, userID: string, query: string): Promise<unknown> {
  return runWithToken(server, `user=${userID}`, query);
}

/** The same as the app's backend. */
export function runAsAdmin(server: Server, query: string): Promise<unknown> {
  return runWithToken(server, "user=backend&role=admin", query);
}

async function runWithToken(server: Server, whose: string, query: string): Promise<unknown> {
  const minted = (await (await fetch(`${server.url}/dev/token?${whose}`)).json()) as { token: string };
  return runWith(server, minted.token, query);
}

/** The same as whoever bears the token. */
export async function runWith(server: Server, token: string, query: string): Promise<unknown> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const result = (await response.json()) as { data?: unknown; errors?: unknown };
  if (result.errors) throw new Error(JSON.stringify(result.errors));
  return result.data;
}

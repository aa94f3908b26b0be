import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { atEnd } from "./cleanup.ts";
import { createFeed, within, type Feed } from "./feed.ts";

const BUILT = fileURLToPath(new URL("../../bin/userstatus", import.meta.url));
const BINARY = resolve(process.env["USERSTATUS_BIN"] ?? BUILT);

/** SIGTERM is answered by an orderly exit within this. */
const SHUTDOWN_MS = 10_000;

/** What `--jwt-secret` of a test server is: one that takes tokens of any lifetime, and the same after a restart. */
export const SECRET = "a-secret-for-tests-of-32-bytes-or-more";

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [attribute: string]: unknown;
}

/** The real program, in a folder of its own. */
export interface Server {
  /** Of the server as a whole: http://127.0.0.1:… */
  readonly url: string;
  /** Where it serves GraphQL over HTTP. */
  readonly http: string;
  /** Where it serves GraphQL over WebSocket. */
  readonly ws: string;
  /** All it has logged, restarts included. */
  readonly logs: Feed<LogLine>;
  /** A token as the app's backend would sign it; the lifetime needs a server with `--jwt-secret`. */
  token(user: string, role?: string, lifetimeSeconds?: number): Promise<string>;
  /** Ends it by SIGTERM, and expects an orderly end: exit code 0 within 10 s. */
  terminate(): Promise<void>;
  /** The last of a test: as `terminate`, if it runs, and expects that it logged no error and no token. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, on the same database and port. */
  restart(): Promise<void>;
  /** Has it do nothing at all, with all its sockets open, until it is thawed. */
  freeze(): void;
  thaw(): void;
}

/** Starts the program in development mode, or as the flags say. It is stopped when the file's tests are over. */
export async function startServer(...flags: string[]): Promise<Server> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: build it with make, or set USERSTATUS_BIN`);
  const folder = await mkdtemp(join(tmpdir(), "userstatus-"));
  const logs = createFeed<LogLine>();
  const tokens: string[] = [];
  const run = (listen: string): Promise<Running> =>
    launch([`--listen=${listen}`, `--database=sqlite:${join(folder, "userstatus.db")}`, ...flags], folder, logs);

  let running: Running | undefined = await run("127.0.0.1:0");
  const { url } = running;
  const origin = new URL(url);

  async function end(signal: NodeJS.Signals): Promise<Exit> {
    if (!running) throw new Error("the server is not running");
    const { process, exited } = running;
    running = undefined;
    process.kill("SIGCONT");
    process.kill(signal);
    return within(`an exit after ${signal}`, exited, SHUTDOWN_MS).finally(() => process.kill("SIGKILL"));
  }

  async function terminate(): Promise<void> {
    const exit = await end("SIGTERM");
    if (exit.code !== 0) throw new Error(`SIGTERM ended in ${JSON.stringify(exit)}`);
  }

  const server: Server = {
    url,
    http: `${url}/graphql`,
    ws: `ws://${origin.host}/graphql`,
    logs,
    async token(user, role, lifetimeSeconds = 3600) {
      const signed = flags.includes(`--jwt-secret=${SECRET}`)
        ? await sign(user, role, lifetimeSeconds)
        : await fetchToken(url, user, role);
      tokens.push(signed);
      return signed;
    },
    terminate,
    async stop() {
      try {
        if (running) await terminate();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      expectCleanLog(logs.all, tokens);
    },
    async kill() {
      await end("SIGKILL");
    },
    async restart() {
      running = await run(origin.host);
    },
    freeze: () => void running?.process.kill("SIGSTOP"),
    thaw: () => void running?.process.kill("SIGCONT"),
  };
  atEnd(server.stop);
  return server;
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Running {
  readonly process: ChildProcess;
  readonly url: string;
  readonly exited: Promise<Exit>;
}

async function launch(args: string[], folder: string, logs: Feed<LogLine>): Promise<Running> {
  const child = spawn(BINARY, args, { cwd: folder, env: cleanEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  const orphaned = (): void => void child.kill("SIGKILL");
  process.once("exit", orphaned);
  child.stdout.resume();

  const starting = createFeed<LogLine>();
  createInterface(child.stderr).on("line", (line) => {
    const entry = parseLog(line);
    logs.push(entry);
    starting.push(entry);
  });
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  exited
    .then((exit) => starting.end({ kind: "error", error: exit }))
    .catch((error: unknown) => starting.end({ kind: "error", error }))
    .finally(() => process.off("exit", orphaned));

  const { url } = await starting.until("the server listening", ({ msg }) => msg === "listening");
  if (typeof url !== "string") throw new Error("the listening line has no url");
  return { process: child, url, exited };
}

/** A developer's own settings are not to change a test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("USERSTATUS_")));
}

/** What isn't a JSON line is a panic, or worse: it is kept as an error, so that a test shows it. */
function parseLog(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: "ERROR", msg: line };
  }
}

async function sign(user: string, role: string | undefined, lifetimeSeconds: number): Promise<string> {
  return new SignJWT(role === undefined ? {} : { role })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifetimeSeconds)
    .sign(new TextEncoder().encode(SECRET));
}

async function fetchToken(url: string, user: string, role: string | undefined): Promise<string> {
  const query = new URLSearchParams(role === undefined ? { user } : { user, role });
  const response = await fetch(`${url}/dev/token?${query}`);
  if (!response.ok) throw new Error(`/dev/token answers ${response.status}: ${await response.text()}`);
  const { token } = (await response.json()) as { token: string };
  return token;
}

function expectCleanLog(lines: readonly LogLine[], tokens: readonly string[]): void {
  const errors = lines.filter(({ level }) => level === "ERROR");
  if (errors.length > 0) throw new Error(`the server logged errors: ${JSON.stringify(errors)}`);
  const text = JSON.stringify(lines);
  if (tokens.some((token) => text.includes(token))) throw new Error("the server logged a token");
}

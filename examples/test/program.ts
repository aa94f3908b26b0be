import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export interface Place {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that runs until it is ended. */
export interface Program {
  /** The next line that has the text, of those not yet given. Rejects with all it said if the program ends before, or it takes too long. */
  line(text: string): Promise<string>;
  /** Ends it and what it started. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** For machines under load: a test waits for lines, and goes on with them. */
const LONGEST_WAIT_MS = 30_000;

process.once("SIGTERM", () => process.exit(143)); // the test runner's, past its time: ends what was started, too

/** Starts it in a process group of its own; standard output and error are one. */
export function start(command: string, args: readonly string[], place: Place): Program {
  const child = spawn(command, args, { cwd: place.cwd, env: environment(place), stdio: ["ignore", "pipe", "pipe"], detached: true });
  const lines = collect();
  const orphaned = (): void => signalGroup(child.pid, "SIGKILL");
  process.once("exit", orphaned);
  for (const output of [child.stdout, child.stderr]) createInterface(output).on("line", lines.add);
  child.once("error", (error) => lines.end(error.message));
  child.once("close", (code, signal) => {
    process.off("exit", orphaned);
    lines.end(`ended with ${code ?? signal}`);
  });
  return {
    line: async (text) => {
      const line = await lines.next(text);
      if (line === undefined) throw new Error(`${command} ${args.join(" ")}: no line with ${text} in\n${lines.all()}`);
      return line;
    },
    async end(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "close");
      signalGroup(child.pid, signal);
      await closed;
    },
  };
}

/** Runs it to its end, and gives what it printed; rejects with that if it fails. */
export async function run(command: string, args: readonly string[], place: Place): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd: place.cwd, env: environment(place) })).stdout;
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout: string; stderr: string; message: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}

/** A developer's own settings are not to change a test. */
function environment({ env }: Place): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITE_)?USERSTATUS_/.test(name));
  return { ...Object.fromEntries(inherited), ...env };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

interface Lines {
  add(line: string): void;
  end(how: string): void;
  /** Undefined if the end, or that of patience, comes before. */
  next(text: string): Promise<string | undefined>;
  all(): string;
}

function collect(): Lines {
  const all: string[] = [];
  let read = 0;
  let ended = "";
  let wake = (): void => {};
  return {
    add(line) {
      all.push(line);
      wake();
    },
    end(how) {
      ended ||= how;
      wake();
    },
    async next(text) {
      const deadline = Date.now() + LONGEST_WAIT_MS;
      for (;;) {
        const found = all.findIndex((line, n) => n >= read && line.includes(text));
        read = found < 0 ? all.length : found + 1;
        if (found >= 0) return all[found];
        if (ended || Date.now() >= deadline) return undefined;
        await news(deadline - Date.now(), (resolve) => (wake = resolve));
      }
    },
    all: () => [...all, ended].join("\n"),
  };
}

/** Resolves when it is woken, or the milliseconds have passed. */
async function news(milliseconds: number, onWake: (resolve: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
    onWake(resolve);
  });
  clearTimeout(timer);
}

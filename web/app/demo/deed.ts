import { useRef, useState } from "react";
import { messageOf } from "./failure.ts";

/** Deeds are what is asked of the server, one at a time. */
export interface Deeds {
  /** Why the last one failed, in words; empty where it didn't. */
  readonly problem: string;
  readonly busy: boolean;
  /** Does it, and says the sentence it resolves with. While another is under way it does nothing. */
  run(work: () => Promise<string>): void;
}

export function useDeeds(say: (sentence: string) => void): Deeds {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const working = useRef(false); // a second press may come before the page shows that it is busy
  const begin = (): void => {
    working.current = true;
    setBusy(true);
    setProblem("");
  };
  const end = (): void => {
    working.current = false;
    setBusy(false);
  };
  const run = (work: () => Promise<string>): void => {
    if (working.current) return;
    begin();
    work().then(say, (error: unknown) => setProblem(messageOf(error))).finally(end);
  };
  return { problem, busy, run };
}

import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { problemOf, type Problem } from "./problem.ts";
import { useDesk } from "./session.ts";

/** How long after an answer it is asked anew, in milliseconds. */
const EVERY = 2_000;

/** Polled is what the server said last, kept right while the page is in sight. */
export interface Polled<Data> {
  /** What it said last, also while it is away; undefined until then. */
  readonly data: Data | undefined;
  /** Why the last try failed; undefined where it didn't. */
  readonly problem: Problem | undefined;
  /** Asks now. */
  refresh(): void;
}

/** Asks again and again, with the newest variables; what was said of older ones stays until the new answer. */
export function usePolled<Data, Variables extends OperationVariables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Polled<Data> {
  const { client } = useDesk();
  const key = JSON.stringify(variables);
  const ask = useCallback(async () => {
    const { data } = await client.query<Data, OperationVariables>({ query: document, variables: JSON.parse(key) });
    if (!data) throw new Error("The server answered with nothing");
    return data;
  }, [client, document, key]);
  return useAskedAgain(ask);
}

/** Does the work at once and then every two seconds, one at a time, and not while the page is hidden. */
export function useAskedAgain<Data>(work: () => Promise<Data>): Polled<Data> {
  const [state, setState] = useState<Pick<Polled<Data>, "data" | "problem">>({ data: undefined, problem: undefined });
  const now = useRef(() => {});
  useEffect(() => {
    const rounds = startRounds(
      () => work(),
      (data) => setState({ data, problem: undefined }),
      (error) => setState((before) => ({ data: before.data, problem: problemOf(error) })),
    );
    now.current = rounds.now;
    return rounds.end;
  }, [work]);
  const refresh = useCallback(() => now.current(), []);
  return { ...state, refresh };
}

interface Rounds {
  /** Begins one now; if one is under way, another right after it. */
  now(): void;
  /** After it nothing is told any more. */
  end(): void;
}

function startRounds<Data>(work: () => Promise<Data>, onData: (data: Data) => void, onError: (error: unknown) => void): Rounds {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let working = false;
  let again = false;
  let over = false;
  const rest = (): void => {
    if (!over && !document.hidden) timer = setTimeout(begin, again ? 0 : EVERY);
    again = false;
  };
  const begin = (): void => {
    clearTimeout(timer);
    if (working) {
      again = true;
      return;
    }
    working = true;
    work()
      .then((data) => over || onData(data), (error: unknown) => over || onError(error))
      .finally(() => {
        working = false;
        rest();
      });
  };
  const follow = (): void => (document.hidden ? clearTimeout(timer) : begin());
  document.addEventListener("visibilitychange", follow);
  begin();
  const end = (): void => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", follow);
  };
  return { now: begin, end };
}

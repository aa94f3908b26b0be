import { useEffect, useRef } from "react";
import type { UserStatusesView } from "userstatus/apollo";
import { changesBetween, type Heard } from "./changes.ts";

/** How long changes are gathered before they are spoken, in milliseconds. */
const GATHER = 1_000;
/** More changes at once than that are only counted. */
const MOST_SPOKEN = 3;

/** Tells what changed since it was told last: a few sentences at a time, and nothing of what is there at first. */
export function useAnnouncements(view: UserStatusesView, say: (sentence: string) => void): void {
  const told = useRef<Heard>({ statuses: [], failures: [] });
  const newest = useRef(view);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    newest.current = view;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      if (newest.current.stale) return;
      const sentences = changesBetween(told.current, newest.current);
      told.current = newest.current;
      if (sentences.length > 0) say(inShort(sentences));
    }, GATHER);
  }, [view, say]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}

function inShort(sentences: readonly string[]): string {
  return sentences.length > MOST_SPOKEN ? `${sentences.length} people changed.` : sentences.join(" ");
}

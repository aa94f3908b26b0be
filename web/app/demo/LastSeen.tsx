import type { ReactNode } from "react";
import { useNow } from "./clock.ts";
import { fullDate, lastSeenWords } from "./words.ts";

/** "last seen 5 minutes ago", kept true while it is shown. */
export function LastSeen({ moment }: { moment: string }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={moment} title={fullDate(moment)}>
      {lastSeenWords(moment, now)}
    </time>
  );
}

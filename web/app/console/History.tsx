import type { ReactNode } from "react";
import { useNow } from "../demo/clock.ts";
import { fullDate, untilWords } from "../demo/words.ts";
import { More, type Paging } from "./paging.tsx";
import { reasonWords, stepWords } from "./reasons.ts";
import { momentWords } from "./times.ts";
import type { StatusChange, UserDetails } from "./types.ts";

/** What changed of a user's status, the newest first. */
export function History({ changes: { edges, pageInfo }, paging }: { changes: UserDetails["history"]; paging: Paging }): ReactNode {
  return (
    <section className="card history" aria-labelledby="history">
      <h3 id="history">Last changes</h3>
      {edges.length === 0 && <p className="faint">None in the time that the service keeps them for.</p>}
      <ol aria-labelledby="history">
        {edges.map(({ node }) => (
          <Change key={node.version} change={node} />
        ))}
      </ol>
      <More of="changes" page={pageInfo} paging={paging} />
    </section>
  );
}

function Change({ change }: { change: StatusChange }): ReactNode {
  const now = useNow();
  const { at, customStatus, customStatusExpiresAt, availability } = change;
  return (
    <li>
      <time dateTime={at} title={fullDate(at)}>
        {momentWords(at, now)}
      </time>
      <div>
        <p>{reasonWords(change)}</p>
        <p className="faint">
          {stepWords(change)}
          {availability !== "AVAILABLE" && `, ${availability.toLowerCase()}`}
          {customStatus !== "" && (
            <>
              {" · "}
              <q>{customStatus}</q>
            </>
          )}
          {customStatusExpiresAt !== null && ` ${untilWords(customStatusExpiresAt, now)}`}
        </p>
      </div>
    </li>
  );
}

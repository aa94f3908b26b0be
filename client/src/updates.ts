import { retryDelay } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { UserStatusUpdatedDocument } from "./gql/graphql.ts";
import type { News } from "./news.ts";
import type { Result } from "./operations.ts";
import { payloadOf } from "./request.ts";
import type { UserStatus } from "./types.ts";

type Take = (statuses: readonly UserStatus[]) => void;

/**
 * Tells of changes as long as the connection lives. The stream itself brings
 * changes alone; a snapshot, taken whenever the stream was opened anew, shows
 * what changed while there was none.
 */
export function listen(connection: Connection, news: News, tell: Take): void {
  const tellIfAny: Take = (changes) => {
    if (changes.length > 0) tell(changes);
  };
  let isFirst = true;
  let stopSnapshot = (): void => {};
  const catchUp = (): void => {
    stopSnapshot();
    stopSnapshot = open(connection, true, (snapshot) => {
      stopSnapshot();
      tellIfAny(news.missed(snapshot, isFirst));
      isFirst = false;
    });
  };
  open(connection, false, (statuses) => tellIfAny(news.changed(statuses)), catchUp);
  connection.onState(({ state }) => {
    if (state === "online") catchUp();
  });
}

/** Keeps `userStatusUpdated` open until it is stopped or the connection has ended: after a failure it is opened again, later each time. */
function open(connection: Connection, snapshot: boolean, take: Take, onReopen = (): void => {}): () => void {
  const payload = payloadOf(UserStatusUpdatedDocument, { snapshot });
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = start();

  function start(): () => void {
    return connection.stream(payload, {
      next(result) {
        if (result.errors) return; // and it completes
        attempt = 0;
        take(statusesOf(result));
      },
      error: () => {}, // the connection has ended, as its state tells
      complete() {
        timer = setTimeout(reopen, retryDelay(attempt++));
      },
    });
  }
  function reopen(): void {
    stop = start();
    onReopen();
  }
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function statusesOf({ data }: Result): readonly UserStatus[] {
  return (data?.["userStatusUpdated"] ?? []) as readonly UserStatus[];
}

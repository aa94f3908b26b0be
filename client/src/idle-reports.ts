import type { Connection } from "./connection.ts";
import { ReportIdleDocument } from "./gql/graphql.ts";
import { payloadOf } from "./request.ts";

/** Keeps the server told of one thing: whether this device is idle. */
export interface IdleReports {
  /** Reports what is not known there yet, at once or as soon as there is a connection; said again, it tries again what failed. */
  say(isIdle: boolean): void;
  /** Nobody looks any more: what was idle is active. */
  stop(): void;
}

export function createIdleReports(connection: Connection): IdleReports {
  let isIdle = false;
  /** What the server has of this connection: to begin with, and after each reconnect, that somebody is there. Undefined where a report failed: it may have been taken all the same. */
  let known: boolean | undefined = false;
  let cancel: (() => void) | undefined;

  function report(): void {
    if (cancel || isIdle === known || connection.current.state !== "online") return;
    const idle = isIdle;
    known = undefined;
    cancel = connection.call(payloadOf(ReportIdleDocument, { idle }), {
      next({ errors }) {
        if (!errors) known = idle;
      },
      error: () => (cancel = undefined), // no answer in time: the next `say` tries again
      complete() {
        cancel = undefined;
        if (known !== undefined) report(); // it may have changed meanwhile
      },
    });
  }

  function drop(): void {
    cancel?.();
    cancel = undefined;
  }

  const forgetState = connection.onState(({ state }) => {
    if (state === "online") report();
    if (state !== "offline") return;
    drop(); // else it would be sent again, though it may not hold any more
    known = false;
  });

  return {
    say(now) {
      isIdle = now;
      report();
    },
    stop() {
      forgetState();
      drop();
      isIdle = false;
      report();
    },
  };
}

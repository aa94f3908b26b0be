import type { ReactNode } from "react";
import type { Connection, ConnectionState } from "userstatus";
import { isAway, useConnection } from "./connection.ts";

/** Says that the server is away for as long as it is. The region is always there, so that screen readers hear it fill. */
export function Banner({ connection }: { connection: Connection }): ReactNode {
  const current = useConnection(connection);
  return (
    <div className="banner-region" role="status" aria-live="polite">
      {isAway(current) && (
        <p className="banner">
          <span className="spinner" aria-hidden="true" />
          <span>
            <strong>{headline(current)}</strong> Trying again…
          </span>
        </p>
      )}
    </div>
  );
}

/** Whoever was let in knows that the network or the server is gone; a refusal has its own words. */
function headline({ reason }: ConnectionState): string {
  if (reason?.reason === "RATE_LIMITED") return "The server lets no more of your devices in.";
  return "No connection to the server.";
}

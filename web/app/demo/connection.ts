import { useSyncExternalStore } from "react";
import type { Connection, ConnectionState } from "userstatus";

export function useConnection(connection: Connection): ConnectionState {
  return useSyncExternalStore(connection.onState, () => connection.current);
}

/** Whether a connection is missing that was there, or that could not be had; not while the first is on its way. */
export function isAway({ state, reason }: ConnectionState): boolean {
  return state !== "online" && reason !== undefined;
}

import type { ApolloClient } from "@apollo/client";
import { useApolloClient } from "@apollo/client/react";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { asTime, type Moment } from "../time.ts";
import type { Availability, UserStatus, UserStatusFailure } from "../types.ts";
import type { Failure, UserStatusView } from "./book.ts";
import { documents } from "./documents.ts";
import { perform } from "./perform.ts";
import { rosterOf, type Roster } from "./roster.ts";
import type { SelfSettingsView, Settings } from "./settings.ts";

/** Several users as shown. */
export interface UserStatusesView {
  /** One for each user asked for, in that order; `UNKNOWN` where nothing was heard. */
  readonly statuses: readonly UserStatus[];
  readonly stale: boolean;
  /** Of at least one neither a status nor a failure was heard yet. */
  readonly loading: boolean;
  /** The first of `failures`. */
  readonly failure: Failure | undefined;
  /** Why there is no status, for each user of whom there is none. */
  readonly failures: readonly UserStatusFailure[];
}

/** What can be done to one's own status. Each resolves with it, and rejects with a `UserStatusError`. */
export interface SelfStatusActions {
  /** Sets one's own text; `""` clears it. When it ends, the one before it comes back, if that was set without an expiry. */
  setCustomStatus(customStatus: string, options?: { readonly expiresAt?: Moment }): Promise<UserStatus>;
  /** Says how approachable one is, until changed. `AVAILABLE` gives the say back to one's devices. */
  setAvailability(availability: Availability): Promise<UserStatus>;
  /** Says whether the person at this device is idle, where `idleAfter: false` leaves that to the app. */
  reportIdle(idle: boolean): Promise<UserStatus>;
}

export interface SelfStatusView extends UserStatusView, SelfStatusActions {}

/** What `useSelf` gives. The changes reject with a `UserStatusError`, and show by the time they resolve. */
export interface SelfView extends SelfSettingsView, Pick<Settings, "setVisibility" | "block" | "unblock"> {}

/** How a user is, live for as long as the component is mounted. */
export function useUserStatus(userID: string): UserStatusView {
  const roster = useRoster();
  const watch = useCallback((listener: () => void) => roster.watch([userID], listener), [roster, userID]);
  const view = (): UserStatusView => roster.view(userID);
  return useSyncExternalStore(watch, view, view);
}

/** How several users are, live for as long as the component is mounted. The list may be another object each time. */
export function useUserStatuses(userIDs: readonly string[]): UserStatusesView {
  const roster = useRoster();
  const key = JSON.stringify(userIDs);
  const { watch, view } = useMemo(() => {
    const asked = JSON.parse(key) as string[];
    return { watch: (listener: () => void) => roster.watch(asked, listener), view: viewOfAll(roster, asked) };
  }, [roster, key]);
  return useSyncExternalStore(watch, view, view);
}

/** How oneself is, and setting it. */
export function useSelfStatus(): SelfStatusView {
  const client = useApolloClient();
  const { self } = useRoster();
  const view = useSyncExternalStore(self.watch, self.view, self.view);
  const actions = useMemo(() => actionsOn(client), [client]);
  return useMemo(() => ({ ...view, ...actions }), [view, actions]);
}

/** Who may see oneself, and setting it. Asked for anew after a reconnect, and when the page is shown again: another device may have changed it. */
export function useSelf(): SelfView {
  const { settings } = useRoster();
  const view = useSyncExternalStore(settings.watch, settings.view, settings.view);
  return useMemo(() => {
    const { setVisibility, block, unblock } = settings;
    return { ...view, setVisibility, block, unblock };
  }, [view, settings]);
}

function useRoster(): Roster {
  return rosterOf(useApolloClient());
}

/** The same object for as long as none of the users changes. */
function viewOfAll(roster: Roster, userIDs: readonly string[]): () => UserStatusesView {
  let views: readonly UserStatusView[] | undefined;
  let all: UserStatusesView;
  return () => {
    const now = userIDs.map((userID) => roster.view(userID));
    if (views && now.every((view, n) => view === views?.[n])) return all;
    views = now;
    return (all = combined(userIDs, now));
  };
}

function combined(userIDs: readonly string[], views: readonly UserStatusView[]): UserStatusesView {
  const failures = views.flatMap(({ failure }, n) =>
    failure ? [{ userID: userIDs[n] as string, code: failure.code, message: failure.message }] : [],
  );
  return {
    statuses: views.map(({ status }) => status),
    stale: views.some(({ stale }) => stale),
    loading: views.some(({ loading }) => loading),
    failure: failures[0],
    failures,
  };
}

function actionsOn(client: ApolloClient): SelfStatusActions {
  return {
    async setCustomStatus(customStatus, { expiresAt } = {}) {
      const { setSelfStatus } = await perform(client, documents.setSelfStatus(), { customStatus, expiresAt: asTime(expiresAt) });
      return setSelfStatus;
    },
    async setAvailability(availability) {
      const { setSelfAvailability } = await perform(client, documents.setSelfAvailability(), { availability });
      return setSelfAvailability;
    },
    async reportIdle(idle) {
      const { reportIdle } = await perform(client, documents.reportIdle(), { idle });
      return reportIdle;
    },
  };
}

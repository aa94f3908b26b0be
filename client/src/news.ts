import type { UserStatus } from "./types.ts";

/** What of all that the server says is a change that was not told before, by the versions. */
export interface News {
  /** Of what a stream told: whatever is newer than what was told. */
  changed(list: readonly UserStatus[]): UserStatus[];
  /**
   * Of a snapshot after a connect: what changed meanwhile. The first of all
   * snapshots shows how things are, so in it those unknown so far are no news.
   */
  missed(snapshot: readonly UserStatus[], isFirst: boolean): UserStatus[];
  /** Notes how those are whom one subscribed to, as the answer said; their changes are told nevertheless. */
  note(list: readonly UserStatus[]): void;
}

export function createNews(): News {
  /** The versions told, and the ones known from answers. */
  const told = new Map<string, number>();
  const known = new Map<string, number>();

  const take = (list: readonly UserStatus[], isNews: (status: UserStatus) => boolean): UserStatus[] => {
    const news = list.filter(isNews);
    for (const { userID, version } of list) raise(told, userID, version);
    return news;
  };
  return {
    changed: (list) => take(list, ({ userID, version }) => version > (told.get(userID) ?? 0)),
    missed: (snapshot, isFirst) =>
      take(snapshot, ({ userID, version }) => {
        const before = highest(told.get(userID), known.get(userID));
        return before === undefined ? !isFirst : version > before;
      }),
    note: (list) => list.forEach(({ userID, version }) => raise(known, userID, version)),
  };
}

function raise(versions: Map<string, number>, userID: string, version: number): void {
  versions.set(userID, highest(versions.get(userID), version) as number);
}

function highest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

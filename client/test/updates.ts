import { createFeed, type Feed } from "./feed.ts";
import type { UserStatus } from "./operations.ts";

/** What every client's observer of `userStatusUpdated` is handed. */
interface Result {
  readonly data?: { readonly userStatusUpdated: readonly UserStatus[] } | null | undefined;
  readonly errors?: readonly unknown[] | undefined;
  readonly error?: unknown;
}

/** One open `userStatusUpdated`, whichever client opened it. */
export interface Updates {
  /** Each payload as it came. */
  readonly payloads: Feed<readonly UserStatus[]>;
  /** The same, one status at a time. */
  readonly statuses: Feed<UserStatus>;
  readonly observer: { next(result: Result): void; error(error: unknown): void; complete(): void };
  /** The next that is heard of a user. */
  news(userID: string): Promise<UserStatus>;
  /** Reads on until a user's status is as wanted. */
  until(userID: string, wanted: Partial<UserStatus>): Promise<UserStatus>;
}

export function collectUpdates(): Updates {
  const payloads = createFeed<readonly UserStatus[]>();
  const statuses = createFeed<UserStatus>();
  const end = (ending: Parameters<Feed<UserStatus>["end"]>[0]): void => {
    payloads.end(ending);
    statuses.end(ending);
  };
  return {
    payloads,
    statuses,
    observer: {
      next({ data, errors, error }) {
        const failure = error ?? errors;
        if (failure !== undefined) return end({ kind: "error", error: failure });
        payloads.push(data?.userStatusUpdated ?? []);
        data?.userStatusUpdated.forEach(statuses.push);
      },
      error: (error) => end({ kind: "error", error }),
      complete: () => end({ kind: "complete" }),
    },
    news: (userID) => statuses.until(`news of ${userID}`, (status) => status.userID === userID),
    until: (userID, wanted) =>
      statuses.until(`${userID} being ${JSON.stringify(wanted)}`, (status) => matches(status, { ...wanted, userID })),
  };
}

function matches(status: UserStatus, wanted: Partial<UserStatus>): boolean {
  return Object.entries(wanted).every(([field, value]) => status[field as keyof UserStatus] === value);
}

/** The status of one user in a list, which has to have it. */
export function of(userID: string, list: readonly UserStatus[]): UserStatus {
  const status = list.find((candidate) => candidate.userID === userID);
  if (!status) throw new Error(`nothing about ${userID} in ${JSON.stringify(list)}`);
  return status;
}

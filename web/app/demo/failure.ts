import type { Failure, UserStatusView } from "userstatus/apollo";

const WORDS: Readonly<Record<number, string>> = {
  70107: "no such user",
  70402: "not a valid user ID",
  72900: "your list is full, unfollow somebody first",
};

/** What the server said of this user, which won't change by itself; a call that failed for all is not the user's fault. */
export function isRefused(view: UserStatusView): boolean {
  return view.failure !== undefined && view.failure.code in WORDS;
}

/** Why there is no status of the user, as words to go on with after "zoe: ". */
export function failureWords({ code, message }: Failure): string {
  return WORDS[code] ?? message;
}

/** What went wrong, as a sentence of the package or the server. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

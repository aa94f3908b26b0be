/** The server's limit, in bytes of UTF-8. */
export const MAX_USER_ID = 128;

export interface ParsedIDs {
  /** Whom to follow, each once. */
  readonly userIDs: readonly string[];
  /** A sentence for each that can't be. */
  readonly problems: readonly string[];
}

/** Reads user IDs separated by commas or spaces, and says which of them can't be followed. */
export function parseIDs(text: string, own: string, followed: readonly string[]): ParsedIDs {
  const named = [...new Set(text.split(/[\s,;]+/).filter((userID) => userID !== ""))];
  if (named.length === 0) return { userIDs: [], problems: ["Type the ID of somebody to follow."] };
  const judged = named.map((userID) => ({ userID, problem: problemOf(userID, own, followed) }));
  return {
    userIDs: judged.filter(({ problem }) => !problem).map(({ userID }) => userID),
    problems: judged.flatMap(({ problem }) => problem ?? []),
  };
}

function problemOf(userID: string, own: string, followed: readonly string[]): string | undefined {
  if (userID === own) return `${userID} is you: your own status is always shown.`;
  if (followed.includes(userID)) return `${userID} is on your list already.`;
  return invalidID(userID);
}

/** Why the text is no user ID, as a sentence; undefined if it is one. */
export function invalidID(userID: string): string | undefined {
  const bytes = byteLength(userID);
  if (bytes > MAX_USER_ID) return `“${userID.slice(0, 12)}…” is too long for a user ID: it has ${bytes} bytes, at most ${MAX_USER_ID} go.`;
  if (/[\p{Cc}\p{Cf}]/u.test(userID)) return `“${userID.replace(/[\p{Cc}\p{Cf}]/gu, "�")}” is not a user ID: it has invisible characters.`;
  if (userID.trim() === "") return "A user ID can't be blank.";
  return undefined;
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

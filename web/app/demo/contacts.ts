import { useState } from "react";

/** Contacts is whom somebody follows. It is the app's own data; the server only tells how they are. */
export interface Contacts {
  readonly userIDs: readonly string[];
  /** Puts them at the end of the list; those who are on it stay where they are. */
  add(userIDs: readonly string[]): void;
  remove(userID: string): void;
}

/** The contacts of a user in this browser, kept over reloads; at first those given. */
export function useContacts(owner: string, atFirst: readonly string[]): Contacts {
  const [userIDs, setUserIDs] = useState(() => readContacts(owner) ?? atFirst);
  const change = (next: readonly string[]): void => {
    localStorage.setItem(keyOf(owner), JSON.stringify(next));
    setUserIDs(next);
  };
  return {
    userIDs,
    add: (added) => change([...new Set([...userIDs, ...added])]),
    remove: (removed) => change(userIDs.filter((userID) => userID !== removed)),
  };
}

const keyOf = (owner: string): string => `userstatus.contacts/${owner}`;

/** Undefined where there are none yet, or where somebody else wrote something else under our name. */
function readContacts(owner: string): readonly string[] | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(owner)) ?? "");
    return Array.isArray(kept) && kept.every((userID) => typeof userID === "string") ? kept : undefined;
  } catch {
    return undefined;
  }
}

import type { Storage as GraphiQLStorage } from "@graphiql/toolkit";

/** localStorage under names of its own, so that alice's and bob's pages in one browser keep their own tabs. */
export function storageOf(owner: string): GraphiQLStorage {
  const name = (key: string): string => `${owner}/${key}`;
  return {
    get length() {
      return localStorage.length;
    },
    getItem: (key) => localStorage.getItem(name(key)),
    setItem: (key, value) => localStorage.setItem(name(key), value),
    removeItem: (key) => localStorage.removeItem(name(key)),
    clear: () => ownKeys(name("")).forEach((key) => localStorage.removeItem(key)),
  };
}

function ownKeys(prefix: string): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
}

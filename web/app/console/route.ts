import { useSyncExternalStore } from "react";

/** Route is what the page shows, as its address says after the #. */
export type Route =
  | { readonly section: "overview" | "switches" | "webhooks" }
  | { readonly section: "users"; readonly userID?: string };

export type Section = Route["section"];

/** "#/users/alice" is alice; what is not known is the overview. */
export function parseRoute(hash: string): Route {
  const [, section, ...rest] = hash.split("/");
  if (section === "switches" || section === "webhooks") return { section };
  if (section !== "users") return { section: "overview" };
  const userID = decoded(rest.join("/"));
  return userID ? { section, userID } : { section };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

export function addressOf(section: Section, userID?: string): string {
  if (section === "overview") return "#/";
  return userID ? `#/${section}/${encodeURIComponent(userID)}` : `#/${section}`;
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(listen, () => location.hash);
  return parseRoute(hash);
}

function listen(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

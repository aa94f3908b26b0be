import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { createContext, useContext } from "react";
import type { Identity } from "../demo/identity.ts";
import { accessOf, type Access } from "./access.ts";
import { askingFetch, ENDPOINT } from "./ask.ts";
import { createStore, type Store } from "./store.ts";

/** Session is an admin at the page. They ask by plain HTTP, which makes nobody ONLINE. */
export interface Session {
  readonly identity: Identity;
  readonly access: Access;
  readonly client: ApolloClient;
  /** Whether the last call reached the server. */
  readonly reachable: Store<boolean>;
}

/** Nothing is cached: what is shown is what the server said last, and no more is held than is shown. */
export function startSession(identity: Identity): Session {
  const access = accessOf(identity);
  const reachable = createStore(true);
  const link = new HttpLink({ uri: ENDPOINT, fetch: askingFetch(access, reachable) });
  const always = { fetchPolicy: "no-cache" } as const;
  const client = new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: { query: always, mutate: always } });
  return { identity, access, client, reachable };
}

/** What the parts of the page have in common. */
export interface Desk {
  readonly client: ApolloClient;
  readonly reachable: Store<boolean>;
  /** Tells people what was done. */
  say(sentence: string): void;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("there is no session around this");
  return desk;
}

import type { Identity } from "../demo/identity.ts";
import { demoSession } from "../playground/demo.ts";
import { createStore, type Store } from "./store.ts";

/** Access is what proves to the server that an admin asks. */
export interface Access {
  token(): Promise<string>;
  /** Resolves with what to try instead of a token that was refused; undefined if there is nothing. */
  replace(refused: string): Promise<string | undefined>;
  /** True while somebody is to bring a new token. */
  readonly wanting: Store<boolean>;
  /** Brings it: whoever waits goes on with it. */
  bring(token: string): void;
}

export function accessOf(identity: Identity): Access {
  return identity.kind === "demo" ? mintedAccess(identity) : pastedAccess(identity.token);
}

/** In development mode the server mints another at once. */
function mintedAccess(user: { userID: string; admin: boolean }): Access {
  const session = demoSession({ ...user });
  const token = async (): Promise<string> => (await session.token()) ?? "";
  let replaced: string | undefined;
  return {
    token,
    async replace(refused) {
      if (refused === replaced) return undefined; // one that was just minted won't get better
      session.renew();
      replaced = await token();
      return replaced;
    },
    wanting: createStore(false),
    bring: () => {},
  };
}

/** Once a pasted token is refused, all calls wait until a person brings another. */
function pastedAccess(first: string): Access {
  const wanting = createStore(false);
  const waiting = new Set<(token: string) => void>();
  let current = first;
  return {
    token: async () => current,
    async replace(refused) {
      if (current !== refused) return current;
      const brought = new Promise<string>((resolve) => waiting.add(resolve));
      wanting.set(true);
      return brought;
    },
    wanting,
    bring(token) {
      current = token;
      wanting.set(false);
      for (const resolve of waiting) resolve(token);
      waiting.clear();
    },
  };
}

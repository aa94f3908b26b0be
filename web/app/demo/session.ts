import { ApolloClient, gql, InMemoryCache, type TypedDocumentNode } from "@apollo/client";
import { typePolicies, userStatusLink } from "userstatus/apollo";
import type { Connection } from "userstatus";
import { idleAfter } from "./address.ts";
import { tokenOf, type Identity } from "./identity.ts";

/** Session is somebody signed in: connected from the beginning to the end of it. */
export interface Session {
  readonly identity: Identity;
  readonly client: ApolloClient;
  readonly connection: Connection;
  /** Calls back if the server ends it for good, with why, such as by a logout of all devices. */
  onEnded(listener: (why: string) => void): () => void;
  /** Logs out at the server, where it can be told; resolves with whether it was. The session is of no further use. */
  signOut(): Promise<boolean>;
}

const LOGOUT: TypedDocumentNode<{ logout: { userID: string; version: number } }> = gql`
  mutation Logout {
    logout {
      userID
      version
    }
  }
`;

export function startSession(identity: Identity): Session {
  const link = userStatusLink({ url: "/", token: tokenOf(identity), platform: "web", idleAfter: idleAfter(location.search) });
  const client = new ApolloClient({ link, cache: new InMemoryCache({ typePolicies }) });
  let leaving = false;
  const logOut = async (): Promise<boolean> => {
    if (link.connection.current.state !== "online") return false; // it would wait for a server that may be away
    await client.mutate({ mutation: LOGOUT });
    return true;
  };
  return {
    identity,
    client,
    connection: link.connection,
    onEnded: (listener) =>
      link.connection.onState(({ state, reason }) => {
        if (state === "ended" && !leaving) listener(reason?.message ?? "the server ended the session");
      }),
    async signOut() {
      leaving = true;
      const told = await logOut().catch(() => false);
      link.close();
      client.stop();
      return told;
    },
  };
}

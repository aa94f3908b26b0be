import { ApolloLink, Observable } from "@apollo/client";
import { OperationTypeNode, print } from "graphql";
import { createConnection, type Connection, type ConnectionOptions } from "../connection.ts";
import type { ResultSink } from "../operations.ts";

/** A terminating link for all operations, over one socket. */
export interface UserStatusLink extends ApolloLink {
  readonly connection: Connection;
  /** Lets go of the socket without a logout, for good. */
  close(): void;
}

/** What the hooks' roster puts into its operations' context, to hear which connection they went over. */
export interface RosterContext {
  readonly onUserStatusConnection?: (connection: Connection) => void;
}

/**
 * Connects at once, which makes the user ONLINE, and comes back by itself. Given
 * a chat (or another link) instead of options it shares that one's socket.
 */
export function userStatusLink(from: ConnectionOptions | { readonly connection: Connection }): UserStatusLink {
  const connection = "connection" in from ? from.connection : createConnection(from);
  const link = new ApolloLink((operation) => {
    (operation.getContext() as RosterContext).onUserStatusConnection?.(connection);
    return new Observable<ApolloLink.Result>((observer) => start(connection, operation, observer as unknown as ResultSink));
  });
  return Object.assign(link, { connection, close: () => connection.end() });
}

function start(connection: Connection, operation: ApolloLink.Operation, sink: ResultSink): () => void {
  const { query, variables, operationName, extensions, operationType } = operation;
  const payload = { query: print(query), variables, extensions, operationName: operationName ?? null };
  if (operationType === OperationTypeNode.SUBSCRIPTION) return connection.stream(payload, sink);
  return connection.call(payload, sink);
}

import type { Connection } from "./connection.ts";
import { errorOfAnswer, UserStatusError } from "./error.ts";
import type { Payload } from "./operations.ts";

/** A generated operation: its text, and the types of what it takes and gives. */
export interface Document<Data, Variables> {
  toString(): string;
  readonly __apiType?: ((variables: Variables) => Data) | undefined;
}

export function payloadOf<Data, Variables>(document: Document<Data, Variables>, variables: Variables): Payload {
  return { query: document.toString(), variables: variables as Record<string, unknown> };
}

/** Resolves with the data, or rejects with a `UserStatusError`: the server's, or the connection's. */
export function request<Data, Variables>(
  connection: Connection,
  document: Document<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return new Promise((resolve, reject) => {
    connection.call(payloadOf(document, variables), {
      next({ data, errors }) {
        if (errors || !data) reject(errorOfAnswer(errors ?? []));
        else resolve(data as Data);
      },
      error: reject,
      complete: () => reject(new UserStatusError("INTERNAL_SERVER_ERROR", "the server ended the call without an answer")),
    });
  });
}

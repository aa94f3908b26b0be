import type { Sink } from "graphql-ws";
import { asUserStatusError, UserStatusError } from "./error.ts";
import type { Session } from "./session.ts";

/** What a GraphQL server is asked. */
export interface Payload {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string | null;
  readonly extensions?: Record<string, unknown>;
}

/** What it answers. */
export interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

/** Where answers go: each to `next`, errors of the server's among them; `error` tells of the connection's. */
export interface ResultSink {
  next(result: Result): void;
  error(error: UserStatusError): void;
  complete(): void;
}

interface Operation {
  readonly payload: Payload;
  readonly sink: ResultSink;
  readonly isCall: boolean;
  /** Takes it from the session that it runs in, while it runs in one. */
  stop?: () => void;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * What is to run over whichever session there is. A call that a lost connection
 * left without an answer is sent again; all of the server's may be.
 */
export interface Operations {
  call(payload: Payload, sink: ResultSink): () => void;
  stream(payload: Payload, sink: ResultSink): () => void;
  /** Runs all of them in a new session, in the order in which they came. */
  start(session: Session): void;
  /** The session is gone: from now on they wait for the next. */
  lost(): void;
  failCalls(error: UserStatusError): void;
  /** There will be no other session. */
  end(error: UserStatusError): void;
}

export function createOperations(timeout: number, whyLate: () => UserStatusError): Operations {
  const waiting = new Set<Operation>();
  let session: Session | undefined;
  let ended: UserStatusError | undefined;

  const remove = (operation: Operation): boolean => {
    clearTimeout(operation.timer);
    return waiting.delete(operation);
  };
  const cancel = (operation: Operation): void => {
    if (remove(operation)) operation.stop?.();
  };
  const fail = (operation: Operation, error: UserStatusError): void => {
    if (!waiting.has(operation)) return;
    cancel(operation);
    operation.sink.error(error);
  };
  const finish = (operation: Operation): void => {
    if (remove(operation)) operation.sink.complete();
  };
  const run = (operation: Operation, on: Session): void => {
    operation.stop = on.run(operation.payload, sinkOf(operation, finish, fail));
  };
  const add = (operation: Operation): (() => void) => {
    waiting.add(operation);
    if (ended) queueMicrotask(() => fail(operation, ended as UserStatusError));
    else if (session) run(operation, session);
    if (operation.isCall) operation.timer = setTimeout(() => fail(operation, whyLate()), timeout);
    return () => cancel(operation);
  };
  const failAll = (error: UserStatusError, which: (operation: Operation) => boolean): void => {
    [...waiting].filter(which).forEach((operation) => fail(operation, error));
  };

  return {
    call: (payload, sink) => add({ payload, sink, isCall: true }),
    stream: (payload, sink) => add({ payload, sink, isCall: false }),
    start(on) {
      session = on;
      for (const operation of [...waiting]) run(operation, on);
    },
    lost() {
      session = undefined;
      for (const operation of waiting) delete operation.stop;
    },
    failCalls: (error) => failAll(error, ({ isCall }) => isCall),
    end(error) {
      ended = error;
      failAll(error, () => true);
    },
  };
}

function sinkOf(
  operation: Operation,
  finish: (operation: Operation) => void,
  fail: (operation: Operation, error: UserStatusError) => void,
): Sink {
  return {
    next: (result) => operation.sink.next(result as Result),
    error(error) {
      if (!Array.isArray(error)) return fail(operation, asUserStatusError(error));
      operation.sink.next({ errors: error });
      finish(operation);
    },
    complete: () => finish(operation),
  };
}

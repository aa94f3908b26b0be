import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import { getOperationAST, type DocumentNode } from "graphql";
import { createClient, type Client, type ExecutionResult } from "graphql-ws";
import type { Session } from "./session.ts";

export type SocketState = "closed" | "connecting" | "connected";

/** Link carries the page's operations: subscriptions by one socket, everything else by HTTP. */
export interface Link {
  fetcher: Fetcher;
  /** From now on acts for another session. A socket that is open comes back as theirs, with its subscriptions. */
  signIn(session: Session): void;
  socketState(): SocketState;
  /** Calls back at each change of socketState until the returned function is called. */
  onSocketState(listener: () => void): () => void;
}

const FORBIDDEN = 4403;

/** Opens nothing by itself: the socket lives as long as a subscription runs on it. */
export function createLink(path: string, first: Session): Link {
  let session = first;
  let state: SocketState = "closed";
  const listeners = new Set<() => void>();
  const enter = (next: SocketState): void => {
    state = next;
    listeners.forEach((listener) => listener());
  };
  const client = createClient({
    url: new URL(path, location.href).href.replace(/^http/, "ws"),
    connectionParams: async () => initPayload(await session.token()),
    retryWait: (retries) => wait(Math.min(250 * 2 ** retries, 10_000) * (0.5 + Math.random())),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (closed) => closeCode(closed) !== FORBIDDEN || session.renew(),
    on: { connecting: () => enter("connecting"), connected: () => enter("connected"), closed: () => enter("closed") },
  });
  return {
    fetcher: (params, options) =>
      isSubscription(options?.documentAST, params.operationName)
        ? listen(client, params)
        : post(path, session, params, options?.headers),
    signIn(next) {
      session = next;
      client.terminate();
    },
    socketState: () => state,
    onSocketState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function initPayload(token: string | undefined): Record<string, string> {
  return token ? { authorization: `Bearer ${token}`, platform: "web" } : { platform: "web" };
}

function isSubscription(document: DocumentNode | undefined, name: string | null | undefined): boolean {
  return document !== undefined && getOperationAST(document, name)?.operation === "subscription";
}

/** A stream that can be ended while it waits, which an async generator around it could not. */
function listen(client: Client, params: FetcherParams): AsyncIterable<ExecutionResult> {
  const events = client.iterate({ ...params }) as AsyncIterator<ExecutionResult>;
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => events.next().catch(throwReadable),
      return: async () => (await events.return?.()) ?? { done: true, value: undefined },
    }),
  };
}

/** GraphiQL shows what is thrown as JSON: of an event or an Error only what a person can use. */
function throwReadable(problem: unknown): never {
  const code = closeCode(problem);
  if (code === undefined) throw problem instanceof Error ? { message: problem.message } : problem;
  const reason = (problem as CloseEvent).reason;
  throw { message: `The socket was closed with ${code}${reason ? `: ${reason}` : ""}` };
}

function closeCode(event: unknown): number | undefined {
  return typeof event === "object" && event !== null && "code" in event && typeof event.code === "number" ? event.code : undefined;
}

type Headers = Record<string, unknown> | undefined;

/** Sends once more with a new token where the old one is refused and the session can bring one. */
async function post(path: string, session: Session, params: FetcherParams, headers: Headers): Promise<ExecutionResult> {
  const response = await send(path, await session.token(), params, headers);
  if (response.status !== 401 || !session.renew()) return readResult(response);
  return readResult(await send(path, await session.token(), params, headers));
}

function send(path: string, token: string | undefined, params: FetcherParams, headers: Headers): Promise<Response> {
  return fetch(path, {
    method: "POST",
    body: JSON.stringify(params),
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
  }).catch(throwReadable);
}

async function readResult(response: Response): Promise<ExecutionResult> {
  const text = await response.text();
  try {
    return JSON.parse(text) as ExecutionResult;
  } catch {
    throw { message: `The server answered ${response.status} ${response.statusText}`.trim(), body: text.slice(0, 500) };
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

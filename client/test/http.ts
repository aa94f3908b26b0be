import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import type { Operation } from "./operations.ts";
import type { Server } from "./server.ts";

export interface Failed {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly errorCode?: number };
}

export interface Answer<Data> {
  readonly status: number;
  readonly data?: Data | null;
  readonly errors?: readonly Failed[];
}

/** One operation by a plain POST, and all of its answer; the text may be one that doesn't parse. */
export async function post<Data, Variables>(
  server: Server,
  { query }: { readonly query: string },
  variables: Variables,
  token?: string,
): Promise<Answer<Data>> {
  const response = await fetch(server.http, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as Omit<Answer<Data>, "status">;
  return { status: response.status, ...body };
}

/** One operation by a plain POST that has to work, and its data. */
export async function ask<Data, Variables>(
  server: Server,
  operation: Operation<Data, Variables>,
  variables: Variables,
  token: string,
): Promise<Data> {
  const answer = await post<Data, Variables>(server, operation, variables, token);
  if (answer.errors || !answer.data) throw new Error(`answered ${JSON.stringify(answer)}`);
  return answer.data;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RawRequest {
  readonly method: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | undefined;
}

/** A request with any header, also those that fetch keeps for itself, and its answer even if it comes early. */
export function send(url: string, { method, headers = {}, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

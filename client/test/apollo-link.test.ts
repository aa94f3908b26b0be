import { ApolloClient, gql, InMemoryCache } from "@apollo/client";
import { WebSocket } from "ws";
import { beforeAll, describe, expect, test } from "vitest";
import { typePolicies, userStatusLink } from "../src/apollo/core.ts";
import { unknownStatus, type UserStatus } from "../src/types.ts";
import { openAs } from "./chat.ts";
import { atEnd } from "./cleanup.ts";
import { Self, SetStatus, Status } from "./operations.ts";
import { startServer, type Server } from "./server.ts";
import { createWire } from "./wire.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});

const newCache = (): InMemoryCache => new InMemoryCache({ typePolicies });

describe("the link", () => {
  test("shares a chat's socket", async () => {
    const wire = createWire();
    const { chat } = await openAs(server, "shared-alice", { webSocketImpl: wire.webSocketImpl });
    const client = new ApolloClient({ cache: newCache(), link: userStatusLink(chat) });
    await client.mutate({ mutation: SetStatus.document, variables: { text: "by Apollo" } });
    expect((await chat.getUserStatus({ userIDList: ["shared-alice"] })).data.successUserList[0]?.customStatus).toBe("by Apollo");
    expect(wire.opened.all).toHaveLength(1);
  });

  test("tells errors of the server's as Apollo does, and its own by code and sentence", async () => {
    const link = userStatusLink({ url: server.url, token: await server.token("error-alice"), webSocketImpl: WebSocket });
    atEnd(() => link.close());
    const client = new ApolloClient({ cache: newCache(), link });
    await expect(client.mutate({ mutation: SetStatus.document, variables: { text: "x".repeat(200) } })).rejects.toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT", errorCode: 6017 } }],
    });
    await expect(client.query({ query: gql`{ nothing }` })).rejects.toMatchObject({
      errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    });
    link.close();
    await expect(client.query({ query: Self.document, fetchPolicy: "network-only" })).rejects.toMatchObject({ code: 6013 });
  });
});

describe("the type policies", () => {
  const status = (version: number, customStatus: string): UserStatus => ({ ...unknownStatus("alice"), version, customStatus });
  const answer = (...list: object[]): { userStatus: object } => ({
    userStatus: {
      __typename: "UserStatusResult",
      successUserList: list.map((one) => ({ __typename: "UserStatus", ...one })),
      failureUserList: [],
    },
  });
  const query = { query: Status.document, variables: { userIDs: ["alice"] } };
  const write = (cache: InMemoryCache, ...list: object[]): void => void cache.writeQuery({ ...query, data: answer(...list) as never });
  const read = (cache: InMemoryCache): UserStatus | undefined => cache.readQuery(query)?.userStatus.successUserList[0];

  test("keep the higher version whole, in whichever order they come", () => {
    for (const versions of [[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 3, 2, 3]]) {
      const cache = newCache();
      for (const version of versions) write(cache, { ...status(version, `at ${version}`), platforms: [`p${version}`] });
      expect(read(cache)).toMatchObject({ version: 3, customStatus: "at 3", platforms: ["p3"] });
    }
  });

  test("keep it within one answer, too", () => {
    const twice = gql`
      query Twice {
        self { status { userID version customStatus } }
        subscribedUserStatus { userID version customStatus }
      }
    `;
    for (const [first, second] of [[1, 2], [2, 1]] as const) {
      const cache = newCache();
      const of = (version: number): object => ({ __typename: "UserStatus", userID: "alice", version, customStatus: `at ${version}` });
      cache.writeQuery({ query: twice, data: { self: { __typename: "Self", status: of(first) }, subscribedUserStatus: [of(second)] } });
      expect(cache.readQuery({ query: twice })).toMatchObject({ self: { status: of(2) }, subscribedUserStatus: [of(2)] });
    }
  });

  test("take what is not known yet from whichever answer has it", () => {
    const cache = newCache();
    cache.writeFragment({
      fragment: gql`fragment Few on UserStatus { userID version customStatus }`,
      data: { __typename: "UserStatus", userID: "alice", version: 5, customStatus: "at 5" },
    });
    write(cache, { ...status(4, "at 4"), platforms: ["web"] });
    expect(read(cache)).toMatchObject({ version: 5, customStatus: "at 5", platforms: ["web"] });
  });

  test("know a user by the ID, and leave an object alone that is only to be identified", () => {
    const cache = newCache();
    write(cache, status(5, "at 5"));
    const older = Object.freeze({ __typename: "UserStatus", ...status(4, "at 4") });
    expect(cache.identify({ ...older })).toBe('UserStatus:{"userID":"alice"}');
    expect(older.customStatus).toBe("at 4");
  });

  test("let a query that is answered late read what is newer", async () => {
    const token = await server.token("order-alice");
    const link = userStatusLink({ url: server.url, token, webSocketImpl: WebSocket });
    atEnd(() => link.close());
    const client = new ApolloClient({ cache: newCache(), link });
    const { data } = await client.mutate({ mutation: SetStatus.document, variables: { text: "old" } });
    const newer = { ...data?.setSelfStatus, customStatus: "newer", version: (data?.setSelfStatus.version ?? 0) + 1000 };
    client.cache.writeFragment({
      fragment: gql`fragment Newer on UserStatus { userID customStatus version }`,
      data: { __typename: "UserStatus", userID: "order-alice", customStatus: newer.customStatus, version: newer.version },
    });
    const late = await client.query({ query: Status.document, variables: { userIDs: ["order-alice"] }, fetchPolicy: "network-only" });
    expect(late.data?.userStatus.successUserList[0]).toMatchObject({ customStatus: "newer", version: newer.version });
  });
});

import { beforeAll, expect, test } from "vitest";
import { call, follow } from "./graphql-ws-client.ts";
import { ask, send } from "./http.ts";
import { Follow, Following, Logout, Self, SetStatus, Status } from "./operations.ts";
import { startServer, type Server } from "./server.ts";
import { of } from "./updates.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer("--offline-grace=300ms");
});

test("a plain query or mutation makes nobody ONLINE, and is told as what it changed alone", async () => {
  const alice = await server.token("first-alice");
  const first = await ask(server, Self, {}, alice);
  expect(first.self.status).toMatchObject({ statusType: "UNLOGINED", lastOnlineAt: null, platforms: [], customStatus: "" });

  const bob = call(server, await server.token("first-bob"));
  const heard = await follow(bob, "first-alice");
  const before = heard.statuses.all.length;
  await ask(server, Status, { userIDs: ["first-bob", "first-alice"] }, alice);
  await ask(server, Follow, { userIDs: ["first-bob"] }, alice);
  await ask(server, Following, {}, alice);
  await ask(server, SetStatus, { text: "from a script" }, alice);

  await heard.until("first-alice", { customStatus: "from a script" });
  const told = heard.statuses.all.slice(before).filter(({ userID }) => userID === "first-alice");
  expect(told).toEqual([expect.objectContaining({ statusType: "UNLOGINED", lastOnlineAt: null, platforms: [] })]);
});

test("a plain query by GET changes no presence either", async () => {
  const token = await server.token("get-alice");
  const query = "{ self { status { statusType } } }";
  for (let times = 0; times < 2; times++) {
    const answer = await send(`${server.http}?${new URLSearchParams({ query })}`, {
      method: "GET",
      headers: { authorization: `Bearer ${token}`, accept: "application/json", "x-platform": "web" },
    });
    expect(JSON.parse(answer.text)).toEqual({ data: { self: { status: { statusType: "UNLOGINED" } } } });
  }
});

test("a plain mutation keeps who is ONLINE online, and who is OFFLINE offline", async () => {
  const token = await server.token("both-alice");
  const device = call(server, token);
  const own = await device.listen();
  const online = await ask(server, SetStatus, { text: "while online" }, token);
  expect(online.setSelfStatus).toMatchObject({ statusType: "ONLINE", platforms: ["web"] });

  const bob = call(server, await server.token("both-bob"));
  const heard = await follow(bob, "both-alice");
  own.unsubscribe(); // the client's only operation, so it closes its socket
  const gone = await heard.until("both-alice", { statusType: "OFFLINE" });
  const offline = await ask(server, SetStatus, { text: "while offline" }, token);
  expect(offline.setSelfStatus).toMatchObject({ statusType: "OFFLINE", lastOnlineAt: gone.lastOnlineAt });
});

test("a logout by plain HTTP is told as UNLOGINED, and keeps subscriptions and text", async () => {
  const token = await server.token("logout-alice");
  await ask(server, Self, {}, await server.token("logout-bob"));
  await ask(server, Follow, { userIDs: ["logout-bob"] }, token);
  await ask(server, SetStatus, { text: "stays" }, token);
  await call(server, token).listen();

  const { logout } = await ask(server, Logout, {}, token);
  expect(logout).toMatchObject({ statusType: "UNLOGINED", customStatus: "stays", platforms: [] });
  const { subscribedUserStatus } = await ask(server, Following, {}, token);
  expect(of("logout-bob", subscribedUserStatus).userID).toBe("logout-bob");
});

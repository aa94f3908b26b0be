import { WebSocket } from "ws";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import TencentCloudChat, { type Chat, type UserStatus, type UserStatusUpdatedEvent } from "../src/index.ts";
import { openAs, type Heard } from "./chat.ts";
import { startServer, type Server } from "./server.ts";
import { atEnd } from "./cleanup.ts";

// Each sample of the page on user status, as it stands there but for how the
// object is made; what it would log is asserted.

const myUserID = "me";
let server: Server;
let chat: Chat;
let user0: Heard;

beforeAll(async () => {
  server = await startServer();
  chat = TencentCloudChat.create({ url: server.url, token: await server.token(myUserID), webSocketImpl: WebSocket });
  atEnd(() => chat.close());
  user0 = await openAs(server, "user0");
  await user0.chat.setSelfStatus({ customStatus: "here" });
});

const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
beforeEach(() => void warn.mockClear());

test("set one's own status", async () => {
  // Set customStatus to an empty string '', this will clear your custom status
  let promise = chat.setSelfStatus({customStatus: 'xxx'});
  const done = promise.then(function(imResponse) {
    const { userID, statusType, customStatus } = imResponse.data;
    return { userID, statusType, customStatus };
  }).catch(function(imError) {
    console.warn('setSelfStatus error:', imError); // Failed to set user's custom status
  });
  expect(await done).toEqual({ userID: "me", statusType: TencentCloudChat.TYPES.USER_STATUS_ONLINE, customStatus: "xxx" });
  expect(warn).not.toHaveBeenCalled();
});

test("an empty text clears it", async () => {
  const imResponse = await chat.setSelfStatus({customStatus: ''});
  expect(imResponse.data.customStatus).toBe("");
});

test("query one's own status", async () => {
  // userIDList includes only your own userID to query your own status
  let promise = chat.getUserStatus({userIDList: [`${myUserID}`]});
  const seen: unknown[] = [];
  await promise.then(function(imResponse) {
    const { successUserList } = imResponse.data;
    successUserList.forEach((item) => {
      const { userID, statusType, customStatus } = item;
      seen.push({ userID, statusType, customStatus });
    });
  }).catch(function(imError) {
    console.warn('getUserStatus error:', imError); // Failed to obtain user status
  });
  expect(seen).toEqual([{ userID: "me", statusType: "ONLINE", customStatus: "" }]);
});

test("query the status of others", async () => {
  let promise = chat.getUserStatus({userIDList: ['user0', 'user1']});
  const found: unknown[] = [];
  const failed: unknown[] = [];
  await promise.then(function(imResponse) {
    const { successUserList, failureUserList } = imResponse.data;
    // List of users with successful queries
    successUserList.forEach((item) => {
      const { userID, statusType, customStatus } = item;
      found.push({ userID, statusType, customStatus });
    });
    // List of users with failed queries
    failureUserList.forEach((item) => {
      const { userID, code, message } = item;
      failed.push({ userID, code, message });
    });
  }).catch(function(imError) {
    console.warn('getUserStatus error:', imError); // Failed to obtain user status
  });
  expect(found).toEqual([{ userID: "user0", statusType: "ONLINE", customStatus: "here" }]);
  expect(failed).toEqual([{ userID: "user1", code: 70107, message: expect.stringMatching(/\w+ \w+/) }]);
});

test("subscribe to others, and hear of their changes and one's own", async () => {
  const heard = new Promise<readonly UserStatus[]>((resolve) => {
    let onUserStatusUpdated = function(event: UserStatusUpdatedEvent) {
      const userStatusList = event.data;
      userStatusList.forEach((item) => {
        const { userID, statusType, customStatus } = item;
        if (userID === "user0" && statusType === "ONLINE" && customStatus === "back") {
          chat.off(TencentCloudChat.EVENT.USER_STATUS_UPDATED, onUserStatusUpdated);
          resolve(userStatusList);
        }
      });
    };
    chat.on(TencentCloudChat.EVENT.USER_STATUS_UPDATED, onUserStatusUpdated);
  });

  let promise = chat.subscribeUserStatus({userIDList: ['user0', 'user1']});
  const failed = promise.then(function(imResponse) {
    const { failureUserList } = imResponse.data;
    // List of users with failed subscriptions
    return failureUserList.map((item) => {
      const { userID, code, message } = item;
      return { userID, code, message };
    });
  }).catch(function(imError) {
    // Error information regarding the failure to subscribe to user status
    console.warn('subscribeUserStatus error:', imError);
  });
  expect(await failed).toEqual([{ userID: "user1", code: 70107, message: expect.any(String) }]);

  await user0.chat.setSelfStatus({ customStatus: "back" });
  expect(await heard).toContainEqual(expect.objectContaining({ userID: "user0", customStatus: "back" }));
});

test("unsubscribe from some", async () => {
  let promise = chat.unsubscribeUserStatus({userIDList: ['user0', 'user1']});
  const failed = promise.then(function(imResponse) {
    const { failureUserList } = imResponse.data;
    // List of users with failed unsubscriptions
    return failureUserList.map((item) => {
      const { userID, code, message } = item;
      return { userID, code, message };
    });
  }).catch(function(imError) {
    console.warn('unsubscribeUserStatus error:', imError); // Information related to the unsubscription failure
  });
  expect(await failed).toEqual([]); // one that isn't there is no failure
});

test("unsubscribe from all", async () => {
  await chat.subscribeUserStatus({userIDList: ['user0']});
  let promise = chat.unsubscribeUserStatus();
  const failed = await promise.then(function(imResponse) {
    const { failureUserList } = imResponse.data;
    return failureUserList;
  }).catch(function(imError) {
    console.warn('unsubscribeUserStatus error:', imError); // Information related to the unsubscription failure
  });
  expect(failed).toEqual([]);

  // no longer told of user0, as the order of events shows
  const events: string[] = [];
  const mine = new Promise<void>((resolve) => {
    chat.on(TencentCloudChat.EVENT.USER_STATUS_UPDATED, ({ data }) => {
      events.push(...data.map(({ userID }) => userID));
      if (events.includes("me")) resolve();
    });
  });
  await user0.chat.setSelfStatus({ customStatus: "unheard" });
  await chat.setSelfStatus({ customStatus: "after that" });
  await mine;
  expect(events).toEqual(["me"]);
});

test("all devices of an account hear of a change that one of them made", async () => {
  const phone = await openAs(server, myUserID, { platform: "ios" });
  await phone.online();
  await chat.setSelfStatus({ customStatus: "from the web" });
  await phone.until(myUserID, { customStatus: "from the web" });
});

test("log out", async () => {
  const ended = new Promise((resolve) => chat.on(TencentCloudChat.EVENT.CONNECTION_CHANGED, ({ data }) => resolve(data)));
  const imResponse = await chat.logout({ allDevices: true });
  expect(imResponse.data.statusType).toBe(TencentCloudChat.TYPES.USER_STATUS_UNLOGINED);
  expect(await ended).toMatchObject({ state: "ended", reason: { code: 6014 } });
  await expect(chat.setSelfStatus({ customStatus: "?" })).rejects.toMatchObject({ code: 6014, message: expect.stringMatching(/logged out/) });
});

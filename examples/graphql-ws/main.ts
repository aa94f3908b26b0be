// bob sets his status, subscribes to alice, and prints what happens to either, until Ctrl-C.
import { createClient } from "graphql-ws";
import { WebSocket } from "ws"; // for Node before 22: browsers have their own

const { USERSTATUS_URL: url = "http://127.0.0.1:8080", USERSTATUS_TOKEN } = process.env;
const token = async () => USERSTATUS_TOKEN ?? (await (await fetch(`${url}/dev/token?user=bob`)).json()).token; // yours: from your backend
const client = createClient({
  url: `${url.replace(/^http/, "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: async () => ({ authorization: `Bearer ${await token()}`, platform: "node" }), // anew at each reconnect
  lazy: false, // ONLINE from here on, not only while something runs
  shouldRetry: () => true, // also when the server can't be reached for a while
  retryAttempts: Infinity,
  keepAlive: 10_000, // notices a server that is frozen
});
const call = async (query: string) => console.log(JSON.stringify((await client.iterate({ query }).next()).value));

await call(`mutation { setSelfStatus(customStatus: "by graphql-ws") { userID customStatus version } }`);
await call(`mutation { subscribeUserStatus(userIDList: ["alice"]) { successUserList { userID statusType } failureUserList { userID code message } } }`);
const updates = `subscription { userStatusUpdated(snapshot: true) { userID statusType customStatus version } }`;
for await (const { data, errors } of client.iterate({ query: updates })) console.log(JSON.stringify(errors ?? data?.["userStatusUpdated"]));

// bob sets his status, subscribes to alice, and prints what happens to either, until Ctrl-C.
import { Client, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws"; // for Node before 22: browsers have their own

const { USERSTATUS_URL: url = "http://127.0.0.1:8080", USERSTATUS_TOKEN } = process.env;
const token = async () => USERSTATUS_TOKEN ?? (await (await fetch(`${url}/dev/token?user=bob`)).json()).token; // yours: from your backend
const socket = createClient({
  url: `${url.replace(/^http/, "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: async () => ({ authorization: `Bearer ${await token()}`, platform: "node" }), // anew at each reconnect
  lazy: false, // ONLINE from here on, not only while something runs
  shouldRetry: () => true, // also when the server can't be reached for a while
  retryAttempts: Infinity,
  keepAlive: 10_000, // notices a server that is frozen
});
const overSocket = subscriptionExchange({
  enableAllOperations: true, // queries and mutations, too
  forwardSubscription: ({ query = "", variables }) => ({ subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }) }),
});
const client = new Client({ url: `${url}/graphql`, exchanges: [overSocket] });
const print = ({ data, error }: { data?: unknown; error?: Error }) => console.log(JSON.stringify(error?.message ?? data));

print(await client.mutation(gql`mutation { setSelfStatus(customStatus: "by urql") { userID customStatus version } }`, {}));
print(await client.mutation(gql`mutation { subscribeUserStatus(userIDList: ["alice"]) { successUserList { userID statusType } failureUserList { userID code message } } }`, {}));
client.subscription(gql`subscription { userStatusUpdated(snapshot: true) { userID statusType customStatus version } }`, {}).subscribe(print);

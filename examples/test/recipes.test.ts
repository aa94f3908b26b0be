import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { EXAMPLES } from "./paths.ts";
import { start, type Program } from "./program.ts";
import { setStatus, startServer, type Server } from "./server.ts";

const TSX = join(EXAMPLES, "node_modules/.bin/tsx");

interface Recipe {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** How an answer of the server begins. */
  readonly answer: (field: string) => string;
  /** How a change is printed. */
  readonly told: string;
  readonly comesBack: boolean;
}

const RECIPES: readonly Recipe[] = [
  { name: "urql", command: [TSX, "urql/main.ts"], answer: (field) => `{"${field}":`, told: `{"userStatusUpdated":[`, comesBack: true },
  { name: "graphql-ws", command: [TSX, "graphql-ws/main.ts"], answer: (field) => `{"data":{"${field}":`, told: "[{", comesBack: true },
  { name: "curl", command: ["sh", "curl/session.sh"], answer: (field) => `{"data":{"${field}":`, told: "data: {", comesBack: false },
];

for (const { name, command: [program, ...args], answer, told, comesBack } of RECIPES) {
  describe(`the recipe for ${name}`, () => {
    let server: Server;
    let recipe: Program;
    before(async () => {
      server = await startServer();
      await setStatus(server, "alice", "here first");
      recipe = start(program, args, { cwd: EXAMPLES, env: { USERSTATUS_URL: server.url } });
    });
    after(async () => {
      await recipe?.end();
      await server?.stop();
    });

    test("sets bob's status", async () => {
      assert.match(await recipe.line(answer("setSelfStatus")), RegExp(`"userID":"bob","customStatus":"by ${name}"`));
    });
    test("subscribes to alice", async () => {
      assert.match(await recipe.line(answer("subscribeUserStatus")), /"failureUserList":\[\]/);
    });
    test("shows how both are, bob ONLINE", async () => {
      const snapshot = await recipe.line(told);
      assert.match(snapshot, RegExp(`"userID":"bob","statusType":"ONLINE","customStatus":"by ${name}"`));
      assert.match(snapshot, /"userID":"alice","statusType":"UNLOGINED","customStatus":"here first"/);
    });
    test("shows what alice sets then", async () => {
      await setStatus(server, "alice", "and now lunch");
      assert.match(await recipe.line("and now lunch"), /"userID":"alice"/);
    });
    if (!comesBack) return;
    test("goes on after the server was killed and started again", async () => {
      await server.kill();
      await server.restart();
      await setStatus(server, "alice", "back again");
      assert.match(await recipe.line("back again"), /"userID":"alice"/);
    });
  });
}

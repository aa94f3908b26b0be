import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { EXAMPLES } from "./paths.ts";
import { start, type Program } from "./program.ts";
import { runAs, setStatus, startServer, type Server } from "./server.ts";

const TSX = join(EXAMPLES, "node_modules/.bin/tsx");

describe("the receiver of webhooks", () => {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  let receiver: Program;
  let server: Server;
  let url: string;
  before(async () => {
    receiver = start(TSX, ["webhook/main.ts"], { cwd: EXAMPLES, env: { USERSTATUS_WEBHOOK_SECRET: secret, PORT: "0" } });
    url = (await receiver.line("listening on ")).replace("listening on ", "");
    server = await startServer([`--webhook-url=${url}/hooks`, `--webhook-secret=${secret}`]);
  });
  after(async () => {
    await server?.stop();
    await receiver?.end();
  });

  test("prints a change that was sent to it", async () => {
    await setStatus(server, "alice", "by webhook");
    const { userID, reason, statusType } = JSON.parse(await receiver.line("by webhook")) as Record<string, unknown>;
    assert.deepEqual({ userID, reason, statusType }, { userID: "alice", reason: "CUSTOM_STATUS_SET", statusType: "UNLOGINED" });
  });

  test("prints each once, in the order of a user's versions, also after a crash", async () => {
    await setStatus(server, "alice", "before the crash");
    await server.kill();
    await server.restart();
    await setStatus(server, "alice", "after the crash");
    await receiver.line("before the crash");
    await receiver.line("after the crash");
    await runAs(server, "alice", "mutation { logout { version } }");
  });

  test("refuses what was signed by somebody else", async () => {
    const headers = { "webhook-id": "evt_1", "webhook-timestamp": String(Math.floor(Date.now() / 1000)), "webhook-signature": "v1,bm90IHNpZ25lZA==" };
    const { status } = await fetch(url, { method: "POST", headers, body: "{}" });
    assert.equal(status, 400);
  });
});

// Takes the webhooks of a server, and prints each change once, until Ctrl-C.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const { USERSTATUS_WEBHOOK_SECRET: secret = "", PORT = "3000" } = process.env;
const webhook = new Webhook(secret);
const seen = new Set<string>(); // yours: in a database, with the work

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const id = String(request.headers["webhook-id"]);
  try {
    const { data } = webhook.verify(Buffer.concat(chunks).toString(), request.headers as Record<string, string>) as { data: unknown };
    response.writeHead(204).end();
    if (seen.has(id)) return; // it comes at least once
    seen.add(id);
    console.log(JSON.stringify(data));
  } catch {
    response.writeHead(400).end(); // it was not sent by who has the secret
  }
}).listen(Number(PORT), "127.0.0.1", function (this: import("node:net").Server) {
  console.log(`listening on http://127.0.0.1:${(this.address() as import("node:net").AddressInfo).port}`);
});

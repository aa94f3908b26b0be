import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { EXAMPLES, REPOSITORY } from "./paths.ts";
import { run, start } from "./program.ts";
import { setStatus, startServer } from "./server.ts";

/** A copy of the example and the schema, as they lie in the repository. */
let folder: string;
let cwd: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "userstatus-go-"));
  cwd = join(folder, "examples/go");
  await mkdir(cwd, { recursive: true });
  await cp(join(EXAMPLES, "go"), cwd, { recursive: true });
  await cp(join(REPOSITORY, "schema.graphqls"), join(folder, "schema.graphqls"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("the Go example's generated code is what the schema gives: go generate", async () => {
  const committed = await readFile(join(EXAMPLES, "go/generated.go"), "utf8");
  await run("go", ["generate", "./..."], { cwd });
  assert.equal(await readFile(join(cwd, "generated.go"), "utf8"), committed);
});

test("the Go example passes vet, sets bob's status, and shows what alice sets", async (t) => {
  await run("go", ["vet", "./..."], { cwd });
  await run("go", ["build", "-o", "example", "."], { cwd });
  const server = await startServer();
  t.after(server.stop);
  await setStatus(server, "alice", "here first");
  const example = start(join(cwd, "example"), [], { cwd, env: { USERSTATUS_URL: server.url } });
  t.after(() => example.end());

  assert.match(await example.line("set {"), /UserID:bob .*CustomStatus:by genqlient/);
  assert.equal(await example.line("failed "), "failed []");
  assert.match(await example.line("found ["), /UserID:alice StatusType:UNLOGINED CustomStatus:here first/);
  assert.match(await example.line("told ["), /UserID:bob StatusType:ONLINE/);
  await setStatus(server, "alice", "and now lunch");
  assert.match(await example.line("and now lunch"), /^told \[{UserID:alice /);
});

test("the service's own module has nothing of the Go example", async () => {
  const packages = await run("go", ["list", "./..."], { cwd: REPOSITORY });
  assert.doesNotMatch(packages, /examples/);
  assert.doesNotMatch(await readFile(join(REPOSITORY, "go.mod"), "utf8"), /genqlient/);
});

// Fails unless the committed web/dist, and the list of licences, are exactly what their sources give.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPages, DIST, LICENCES, listFiles, withTempDir } from "./pages.ts";

const stale = await withTempDir(async (fresh) => {
  const licences = await buildPages(fresh);
  const stale = await differences(fresh, DIST);
  return licences === (await readFile(LICENCES, "utf8")) ? stale : [...stale, "licences.json"];
});
if (stale.length > 0) {
  console.error(`web/dist is not what web/app builds (${stale.join(", ")}): run npm run build in web/app and commit what it writes`);
  process.exit(1);
}
console.log("web/dist is what web/app builds");

async function differences(fresh: string, committed: string): Promise<string[]> {
  const names = new Set([...(await listFiles(fresh)), ...(await listFiles(committed))]);
  const compared = await Promise.all([...names].map(async (name) => ({ name, same: await sameBytes(join(fresh, name), join(committed, name)) })));
  return compared.filter(({ same }) => !same).map(({ name }) => name);
}

async function sameBytes(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((file) => readFile(file).catch(() => undefined)));
  return first !== undefined && second !== undefined && first.equals(second);
}

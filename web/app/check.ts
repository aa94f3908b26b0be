// Fails unless the committed web/dist is exactly what its sources give.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPages, DIST, listFiles, withTempDir } from "./pages.ts";

const stale = await withTempDir(async (fresh) => {
  await buildPages(fresh);
  return differences(fresh, DIST);
});
if (stale.length > 0) {
  console.error(`web/dist is not what web/app builds (${stale.join(", ")}): run npm run build in web/app and commit web/dist`);
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

import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPages, DIST, LICENCES, listFiles } from "./pages.ts";

await writeFile(LICENCES, await buildPages(DIST));
const files = await listFiles(DIST);
const sizes = await Promise.all(files.map(async (file) => (await stat(join(DIST, file))).size));
const total = sizes.reduce((sum, size) => sum + size, 0);
console.log(`web/dist: ${files.length} files, ${(total / 1e6).toFixed(2)} MB`);

// Prints what each entry weighs in an app, minified and gzipped, without the
// peers, graphql and graphql-ws; fails past the limit. Give it another folder
// to weigh the package that is installed there.
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const LIMIT = 12 * 1024;
const NOT_OURS = [/^react($|\/)/, /^@apollo\/client($|\/)/, /^graphql($|\/)/, /^graphql-ws($|\/)/, /^rxjs($|\/)/];
const folder = resolve(process.argv[2] ?? new URL("..", import.meta.url).pathname);

async function weigh(entry) {
  const build = await rolldown({ input: resolve(folder, "dist", entry), external: NOT_OURS });
  const { output } = await build.generate({ format: "esm", minify: true });
  await build.close();
  return gzipSync(output.map(({ code }) => code ?? "").join("")).length;
}

for (const [name, entry] of [
  ["userstatus", "index.js"],
  ["userstatus/apollo", "apollo/index.js"],
]) {
  const bytes = await weigh(entry);
  console.log(`${name}: ${bytes} bytes gzipped, at most ${LIMIT}`);
  if (bytes > LIMIT) process.exitCode = 1;
}

import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "@graphql-codegen/cli";
import { expect, test } from "vitest";
import config from "../codegen.ts";

test("the operations in src/gql are what npm run generate makes of them and the schema", async () => {
  const folder = dirname(dirname(fileURLToPath(import.meta.url)));
  const files = await generate({ ...config, cwd: folder, silent: true }, false);
  expect(files.length).toBeGreaterThan(0);
  for (const { filename, content } of files) expect(await readFile(`${folder}/${filename}`, "utf8")).toBe(content);
});

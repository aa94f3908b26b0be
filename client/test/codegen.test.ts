import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generate } from "@graphql-codegen/cli";
import { buildSchema, isObjectType, parse, TypeInfo, visit, visitWithTypeInfo, type GraphQLObjectType } from "graphql";
import { expect, test } from "vitest";
import { atEnd } from "./cleanup.ts";
import { startServer } from "./server.ts";

const run = promisify(execFile);
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const SCHEMA = pathOf("../../schema.graphqls");
const DOCUMENTS = pathOf("every-field.graphql");
const RESULTS = pathOf("../test-results");
const TSC = pathOf("../node_modules/typescript/bin/tsc");

/** What a frontend would write with the generated code: it compiles only if the types are right. */
const USE = `
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import {
  SetSelfStatusDocument, UpdatesDocument, UserStatusDocument,
  type EveryStatusFragment, type UpdatesSubscription, type UserStatusQuery,
} from "./generated/graphql.js";

declare function execute<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Data;

export function newest(known: EveryStatusFragment, told: EveryStatusFragment): EveryStatusFragment {
  return told.version > known.version ? told : known;
}

const asked: UserStatusQuery = execute(UserStatusDocument, { userIDs: ["alice"] });
export const codes: number[] = asked.userStatus.failureUserList.map(({ code }) => code);
const updates: UpdatesSubscription = execute(UpdatesDocument, { snapshot: true });
export const online = updates.userStatusUpdated.filter(({ statusType }) => statusType === "ONLINE");
export const expiry: string | null | undefined = online[0]?.customStatusExpiresAt;
execute(SetSelfStatusDocument, { customStatus: "", expiresAt: "2026-11-24T09:30:00.250Z" });

// @ts-expect-error a status has no mood
export const mood = online[0].mood;
// @ts-expect-error customStatus is required
execute(SetSelfStatusDocument, {});
`;

const TSCONFIG = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023"],
    module: "ESNext",
    moduleResolution: "bundler",
    strict: true,
    noEmit: true,
    types: [],
  },
  include: ["."],
};

async function generateInto(folder: string, schema: string): Promise<void> {
  const files = await generate(
    {
      schema,
      documents: DOCUMENTS,
      silent: true,
      generates: {
        [`${folder}/generated/`]: {
          preset: "client",
          presetConfig: { fragmentMasking: false },
          config: { strictScalars: true, scalars: { Time: "string" }, enumsAsTypes: true, useTypeImports: true },
        },
      },
    },
    false,
  );
  for (const { filename, content } of files) {
    await mkdir(dirname(filename), { recursive: true });
    await writeFile(filename, content);
  }
}

async function newProject(): Promise<string> {
  await mkdir(RESULTS, { recursive: true });
  const folder = await mkdtemp(join(RESULTS, "codegen-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  await writeFile(join(folder, "use.ts"), USE);
  return folder;
}

/** The compiler's complaints, none where all is well. */
async function typeErrors(folder: string): Promise<string> {
  const complaints = await run(process.execPath, [TSC, "-p", folder]).catch((failure: { stdout: string }) => failure);
  return complaints.stdout;
}

/** Its fields and their arguments: `Mutation.logout` and `Mutation.logout(allDevices)`. */
function partsOf(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields()).flatMap(({ name, args }) => [
    `${type.name}.${name}`,
    ...args.map((argument) => `${type.name}.${name}(${argument.name})`),
  ]);
}

test("the documents use every field and every argument of the schema", async () => {
  const schema = buildSchema(await readFile(SCHEMA, "utf8"));
  const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
  const unused = new Set(objects.filter(({ name }) => !name.startsWith("__")).flatMap(partsOf));
  const types = new TypeInfo(schema);
  const field = (): string => `${types.getParentType()?.name}.${types.getFieldDef()?.name}`;
  visit(
    parse(await readFile(DOCUMENTS, "utf8")),
    visitWithTypeInfo(types, {
      Field: () => void unused.delete(field()),
      Argument: ({ name }) => void unused.delete(`${field()}(${name.value})`),
    }),
  );
  expect([...unused]).toEqual([]);
});

test("graphql-codegen makes strict TypeScript of the schema and every operation", async () => {
  const folder = await newProject();
  await generateInto(folder, SCHEMA);
  expect(await typeErrors(folder)).toBe("");
});

test("graphql-codegen reads the schema that the server hands out", async () => {
  const server = await startServer();
  const response = await fetch(`${server.url}/schema.graphqls`);
  expect(response.status).toBe(200);
  const folder = await newProject();
  const handedOut = join(folder, "schema.graphqls");
  await writeFile(handedOut, await response.text());
  await generateInto(folder, handedOut);
  expect(await typeErrors(folder)).toBe("");
});

test("graphql-codegen reads the schema by introspection", async () => {
  const server = await startServer();
  const folder = await newProject();
  await generateInto(folder, server.http);
  expect(await typeErrors(folder)).toBe("");
});

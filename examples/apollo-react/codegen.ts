import type { CodegenConfig } from "@graphql-codegen/cli";

const server = process.env["VITE_USERSTATUS_URL"] ?? "http://127.0.0.1:8080";

/** Types for this app's own operations, in src/gql: `npm run generate`. */
export default {
  schema: `${server}/schema.graphqls`,
  documents: "src/**/*.tsx",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { strictScalars: true, scalars: { Time: "string" }, enumsAsTypes: true, useTypeImports: true },
    },
  },
} satisfies CodegenConfig;

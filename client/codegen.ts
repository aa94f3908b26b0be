import type { CodegenConfig } from "@graphql-codegen/cli";

/** Types and texts of the package's operations: `npm run generate`, and a test says when it is due. */
const config: CodegenConfig = {
  schema: "../schema.graphqls",
  documents: "src/operations.graphql",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        strictScalars: true,
        scalars: { Time: "string" },
        enumsAsTypes: true,
        avoidOptionals: { field: true },
        useTypeImports: true,
        emitLegacyCommonJSImports: false,
        pureMagicComment: true,
      },
    },
  },
};

export default config;

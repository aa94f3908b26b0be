import "./workers.ts";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./playground.css";

import { buildSchema, type GraphQLSchema } from "graphql";
import { createRoot } from "react-dom/client";
import { findDemo } from "./demo.ts";
import { Playground } from "./Playground.tsx";

/** The schema is read from its file, not by introspection, which is off where there are real users. */
async function loadSchema(): Promise<GraphQLSchema> {
  const response = await fetch("/schema.graphqls");
  if (!response.ok) throw new Error(`/schema.graphqls answered ${response.status}`);
  return buildSchema(await response.text());
}

function show(root: HTMLElement, problem: unknown): void {
  const text = document.createElement("p");
  text.className = "loading";
  text.role = "alert";
  text.textContent = `The playground could not start: ${problem instanceof Error ? problem.message : String(problem)}`;
  root.replaceChildren(text);
}

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
try {
  const [demo, schema] = await Promise.all([findDemo(new URLSearchParams(location.search)), loadSchema()]);
  createRoot(root).render(<Playground demo={demo} schema={schema} />);
} catch (problem) {
  show(root, problem);
}

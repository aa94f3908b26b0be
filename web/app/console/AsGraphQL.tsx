import type { DocumentNode } from "graphql";
import { print } from "graphql";
import { useState, type ReactNode } from "react";

/** An operation as a script would send it. */
export interface Script {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The operations behind a section, to copy. */
export function AsGraphQL({ scripts }: { scripts: readonly Script[] }): ReactNode {
  return (
    <details className="as-graphql" aria-label="As GraphQL">
      <summary>As GraphQL</summary>
      {scripts.map((script) => (
        <Operation key={print(script.document)} {...script} />
      ))}
    </details>
  );
}

function Operation({ document, variables }: Script): ReactNode {
  const [copied, setCopied] = useState(false);
  const text = print(document);
  const name = nameOf(document);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <figure aria-label={name}>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      {Object.keys(variables).length > 0 && (
        <p>
          Variables <code>{JSON.stringify(variables)}</code>
        </p>
      )}
      {navigator.clipboard && (
        <button type="button" aria-label={`Copy ${name}`} onClick={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </button>
      )}
    </figure>
  );
}

function nameOf(document: DocumentNode): string {
  const operation = document.definitions.find((definition) => definition.kind === "OperationDefinition");
  return operation?.name?.value ?? "Operation";
}

import { useId, type ReactNode } from "react";
import { More, type Paging } from "./paging.tsx";
import { addressOf } from "./route.ts";
import type { UserIDs } from "./types.ts";

interface RelatedProps {
  readonly name: string;
  /** What "More …" is of. */
  readonly of: string;
  /** What the list is, in a sentence. */
  readonly what: string;
  readonly list: UserIDs;
  readonly paging: Paging;
  /** What may be done with one of them. */
  readonly deedFor?: (userID: string) => ReactNode;
  readonly children?: ReactNode;
}

/** Those whom a user has to do with; each leads to their own details. */
export function Related({ name, of, what, list, paging, deedFor, children }: RelatedProps): ReactNode {
  const id = useId();
  return (
    <section className="card related" aria-labelledby={id}>
      <h3 id={id}>
        {name} <span className="count">{list.totalCount ?? list.edges.length}</span>
      </h3>
      <p className="faint">{what}</p>
      {children}
      {list.edges.length > 0 && (
        <ul aria-labelledby={id}>
          {list.edges.map(({ node }) => (
            <li key={node}>
              <a href={addressOf("users", node)}>{node}</a>
              {deedFor?.(node)}
            </li>
          ))}
        </ul>
      )}
      <More of={of} page={list.pageInfo} paging={paging} />
    </section>
  );
}

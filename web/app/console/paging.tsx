import { useState, type ReactNode } from "react";
import type { PageInfo } from "./types.ts";

/** The server's limit for a page. */
const MOST = 500;

/** Paging is which part of a list is shown: it grows up to a whole page of the server's, then goes on to the next. */
export interface Paging {
  readonly first: number;
  readonly after: string | null;
  more(page: PageInfo): void;
  toBeginning(): void;
}

export function usePaging(step: number): Paging {
  const [part, setPart] = useState<{ first: number; after: string | null }>({ first: step, after: null });
  return {
    ...part,
    more: ({ endCursor }) => setPart(({ first, after }) => (first < MOST ? { first: Math.min(first + step, MOST), after } : { first: step, after: endCursor })),
    toBeginning: () => setPart({ first: step, after: null }),
  };
}

interface MoreProps {
  /** What there is more of: "friends". */
  readonly of: string;
  readonly page: PageInfo;
  readonly paging: Paging;
}

/** The buttons below a list, where it has more than is shown. */
export function More({ of, page, paging }: MoreProps): ReactNode {
  if (!page.hasNextPage && paging.after === null) return null;
  return (
    <div className="more-of">
      {paging.after !== null && (
        <button type="button" onClick={paging.toBeginning}>
          Back to the first {of}
        </button>
      )}
      {page.hasNextPage && (
        <button type="button" onClick={() => paging.more(page)}>
          {paging.first < MOST ? `More ${of}` : `Next ${of}`}
        </button>
      )}
    </div>
  );
}

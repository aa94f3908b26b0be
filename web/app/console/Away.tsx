import type { ReactNode } from "react";
import { useStore, type Store } from "./store.ts";

/** Says that the server is away for as long as it is. The region is always there, so that screen readers hear it fill. */
export function Away({ reachable }: { reachable: Store<boolean> }): ReactNode {
  return (
    <div className="banner-region" role="status" aria-live="polite">
      {!useStore(reachable) && (
        <p className="banner">
          <span className="spinner" aria-hidden="true" />
          <span>
            <strong>The server can’t be reached.</strong> Trying again… What is shown is as last known.
          </span>
        </p>
      )}
    </div>
  );
}

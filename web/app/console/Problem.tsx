import type { ReactNode } from "react";
import type { Problem as Said } from "./problem.ts";
import { useDesk } from "./session.ts";
import { useStore } from "./store.ts";

/** Why something isn't known. That the server is away the banner says. */
export function Problem({ problem }: { problem: Said | undefined }): ReactNode {
  const reached = useStore(useDesk().reachable);
  return (
    <p className="problem" role="alert">
      {reached && problem?.words}
    </p>
  );
}

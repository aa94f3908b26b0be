import { useState, type ReactNode } from "react";
import { AsGraphQL } from "./AsGraphQL.tsx";
import type { Course } from "./figures.ts";
import { FigureCard } from "./FigureCard.tsx";
import { Heading } from "./Heading.tsx";
import { Nodes } from "./Nodes.tsx";
import { FIGURES } from "./operations.ts";
import type { Polled } from "./polled.ts";
import { useDesk } from "./session.ts";
import { SHOWN } from "./shown.ts";
import { useStore } from "./store.ts";

/** How the service fares. */
export function Overview({ course: { data, problem } }: { course: Polled<Course> }): ReactNode {
  const [pointed, setPointed] = useState<number>();
  const reached = useStore(useDesk().reachable);
  return (
    <div className={reached && !problem ? undefined : "stale"}>
      <Heading lead="The last two seconds, and the last hour.">Overview</Heading>
      {problem && reached && (
        <p className="problem" role="alert">
          {problem.words}
        </p>
      )}
      <div className="figures">
        {SHOWN.map((shown) => (
          <FigureCard key={shown.name} shown={shown} course={data} pointed={pointed} onPoint={setPointed} />
        ))}
      </div>
      <Nodes nodes={data?.service.nodes ?? []} />
      <AsGraphQL scripts={[{ document: FIGURES, variables: { since: data?.samples.at(-1)?.at ?? null } }]} />
    </div>
  );
}

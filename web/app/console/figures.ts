import { useCallback, useRef } from "react";
import { FIGURES } from "./operations.ts";
import { useAskedAgain, type Polled } from "./polled.ts";
import { joined } from "./samples.ts";
import { useDesk } from "./session.ts";
import type { FiguresSample, ServiceFigures } from "./types.ts";

/** How the service fares, and did in the last hour. */
export interface Course {
  readonly service: ServiceFigures;
  readonly samples: readonly FiguresSample[];
  /** When the last sample came, by this page's own clock that never jumps. */
  readonly cameAt: number;
}

/** Each answer brings only the samples that are new. */
export function useFigures(): Polled<Course> {
  const { client } = useDesk();
  const kept = useRef<{ samples: readonly FiguresSample[]; cameAt: number }>({ samples: [], cameAt: 0 });
  const ask = useCallback(async (): Promise<Course> => {
    const since = kept.current.samples.at(-1)?.at ?? null;
    const { data } = await client.query({ query: FIGURES, variables: { since } });
    if (!data) throw new Error("The server told no figures");
    const samples = joined(kept.current.samples, data.figures.samples);
    if (samples !== kept.current.samples) kept.current = { samples, cameAt: performance.now() };
    return { service: data.figures, ...kept.current };
  }, [client]);
  return useAskedAgain(ask);
}

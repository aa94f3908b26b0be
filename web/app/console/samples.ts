import type { FiguresSample } from "./types.ts";

/** What the plots show, in milliseconds. */
export const HOUR = 3_600_000;

/** How far apart two samples may be without a gap between them: one and a half more than their ten seconds. */
export const GAP = 25_000;

/** The hour's samples, the oldest first. Those of the answer that are not newer are known already. */
export function joined(known: readonly FiguresSample[], answered: readonly FiguresSample[]): readonly FiguresSample[] {
  const last = timeOf(known.at(-1));
  const newer = answered.filter((sample) => timeOf(sample) > last);
  if (newer.length === 0) return known;
  const all = [...known, ...newer];
  const end = timeOf(all.at(-1));
  return all.filter((sample) => timeOf(sample) > end - HOUR);
}

function timeOf(sample: FiguresSample | undefined): number {
  return sample ? Date.parse(sample.at) : Number.NEGATIVE_INFINITY;
}

import { useId, useMemo, type ReactNode } from "react";
import type { Course } from "./figures.ts";
import { nearest, type Point } from "./plot.ts";
import { Plot } from "./Plot.tsx";
import { clockWords } from "./times.ts";
import type { Shown } from "./shown.ts";
import { valueWords } from "./units.ts";

interface FigureCardProps {
  readonly shown: Shown;
  /** Undefined until the server told it. */
  readonly course: Course | undefined;
  /** The time that is pointed at, on whichever plot. */
  readonly pointed: number | undefined;
  onPoint(at: number | undefined): void;
}

/** A figure as it is, and as it was. */
export function FigureCard({ shown, course, pointed, onPoint }: FigureCardProps): ReactNode {
  const id = useId();
  const { name, hint, unit } = shown;
  const points = useMemo(() => pointsOf(shown, course), [shown, course?.samples]);
  const at = pointed === undefined ? undefined : nearest(points, pointed);
  return (
    <section className="card figure" aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      <p className="now">{course ? valueWords(shown.now(course.service), unit) : <span className="bone" />}</p>
      <p className="hint faint">{at ? readout(at, shown) : hint}</p>
      <Plot name={name} unit={unit} points={points} end={endOf(course)} at={at} onPoint={onPoint} />
    </section>
  );
}

/** A delay of 0 is no delay: there was nothing to measure. */
function pointsOf({ then, unit }: Shown, course: Course | undefined): Point[] {
  return (course?.samples ?? []).map((sample) => {
    const value = then(sample);
    if (unit !== "delay") return { at: Date.parse(sample.at), value };
    return { at: Date.parse(sample.at), value: value === 0 ? undefined : value * 1000 };
  });
}

/** By the server's clock, which this machine's need not agree with. */
function endOf(course: Course | undefined): number {
  const last = course?.samples.at(-1);
  return last && course ? Date.parse(last.at) + (performance.now() - course.cameAt) : Date.now();
}

/** "10:42:30: 12 ms" */
function readout({ at, value }: Point, { unit }: Shown): string {
  return `${clockWords(at)}: ${value === undefined ? "nothing to measure" : valueWords(unit === "delay" ? value / 1000 : value, unit)}`;
}

import { bisectCenter, max, nice, ticks } from "d3-array";
import { line } from "d3-shape";
import { GAP, HOUR } from "./samples.ts";
import type { Unit } from "./units.ts";

/** A point of a plot: when, in milliseconds since 1970, and how much; undefined where there was nothing to measure. */
export interface Point {
  readonly at: number;
  readonly value: number | undefined;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Room for the numbers at the left and the times below. */
export const MARGIN = { top: 8, right: 10, bottom: 22, left: 46 } as const;

/** Scales turn times and values into places. */
export interface Scales {
  x(at: number): number;
  y(value: number): number;
  /** The time at a place. */
  timeAt(x: number): number;
  /** Where the lines across go. */
  readonly values: readonly number[];
  /** What is marked below: each quarter of an hour. */
  readonly times: readonly number[];
}

/** Of the hour that ends then. */
export function scalesOf(points: readonly Point[], end: number, unit: Unit, { width, height }: Size): Scales {
  const top = topOf(points, unit);
  const inner = { width: Math.max(1, width - MARGIN.left - MARGIN.right), height: height - MARGIN.top - MARGIN.bottom };
  const begin = end - HOUR;
  return {
    x: (at) => MARGIN.left + ((at - begin) / HOUR) * inner.width,
    y: (value) => MARGIN.top + (1 - value / top) * inner.height,
    timeAt: (x) => begin + ((x - MARGIN.left) / inner.width) * HOUR,
    values: ticks(0, top, 3).filter((value) => unit !== "count" || Number.isInteger(value)),
    times: quarters(begin, end),
  };
}

function topOf(points: readonly Point[], unit: Unit): number {
  const highest = max(points, ({ value }) => value) ?? 0;
  const [, top] = nice(0, highest > 0 ? highest : 1, 3);
  return unit === "count" ? Math.max(top, 2) : top;
}

const QUARTER = HOUR / 4;

/** Every zone's hours begin with a quarter. */
function quarters(begin: number, end: number): number[] {
  const first = Math.ceil(begin / QUARTER) * QUARTER;
  return [0, 1, 2, 3, 4].map((n) => first + n * QUARTER).filter((at) => at <= end);
}

/** The line through the points, broken where samples are missing or there was nothing to measure. */
export function pathOf(points: readonly Point[], { x, y }: Scales): string {
  const drawn = line<Point>()
    .defined(({ value }) => value !== undefined)
    .x(({ at }) => round(x(at)))
    .y(({ value }) => round(y(value ?? 0)));
  return drawn(withGaps(points)) ?? "";
}

function withGaps(points: readonly Point[]): Point[] {
  return points.flatMap((point, n) => {
    const before = points[n - 1];
    return before && point.at - before.at > GAP ? [{ at: point.at, value: undefined }, point] : [point];
  });
}

const round = (place: number): number => Math.round(place * 10) / 10;

/** The point that is nearest to a time, or undefined where none is near. */
export function nearest(points: readonly Point[], at: number): Point | undefined {
  const found = points[bisectCenter(points.map((point) => point.at), at)];
  return found && Math.abs(found.at - at) <= GAP ? found : undefined;
}

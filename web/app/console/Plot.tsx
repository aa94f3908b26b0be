import { useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode, type RefObject } from "react";
import { MARGIN, pathOf, scalesOf, type Point, type Scales, type Size } from "./plot.ts";
import { clockWords, minuteWords } from "./times.ts";
import { tickWords, valueWords, type Unit } from "./units.ts";

interface PlotProps {
  readonly name: string;
  readonly unit: Unit;
  readonly points: readonly Point[];
  /** Where the hour ends. */
  readonly end: number;
  /** The point to mark. */
  readonly at: Point | undefined;
  onPoint(at: number | undefined): void;
}

const HEIGHT = 150;

/** The last hour as a line. One reads its points by pointing at them, or by the arrow keys. */
export function Plot({ name, unit, points, end, at, onPoint }: PlotProps): ReactNode {
  const { box, width } = useWidth();
  const size = { width, height: HEIGHT };
  const scales = scalesOf(points, end, unit, size);
  const point = ({ clientX, currentTarget }: PointerEvent): void => onPoint(scales.timeAt(clientX - currentTarget.getBoundingClientRect().left));
  return (
    <div
      ref={box}
      className="plot"
      role="slider"
      tabIndex={points.length > 0 ? 0 : -1}
      aria-label={`${name} over the last hour`}
      aria-disabled={points.length === 0}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, points.length - 1)}
      aria-valuenow={at ? points.indexOf(at) : Math.max(0, points.length - 1)}
      aria-valuetext={words(at ?? points.at(-1), unit)}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => onPoint(undefined)}
      onBlur={() => onPoint(undefined)}
      onKeyDown={(event) => step(event, points, at, onPoint)}
    >
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" height={HEIGHT} preserveAspectRatio="none" aria-hidden="true">
        <Axes scales={scales} unit={unit} size={size} />
        <path className="line" d={pathOf(points, scales)} />
        {at && <Mark at={at} scales={scales} size={size} />}
      </svg>
      {points.length === 0 && <p className="empty faint">The first sample comes within ten seconds.</p>}
    </div>
  );
}

function words(point: Point | undefined, unit: Unit): string {
  if (!point) return "no samples yet";
  const value = point.value === undefined ? "nothing to measure" : valueWords(unit === "delay" ? point.value / 1000 : point.value, unit);
  return `${value} at ${clockWords(point.at)}`;
}

/** How many samples a key goes. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -30,
  PageUp: 30,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

function step(event: KeyboardEvent, points: readonly Point[], at: Point | undefined, onPoint: PlotProps["onPoint"]): void {
  if (event.key === "Escape") return onPoint(undefined);
  const by = STEPS[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const from = at ? points.indexOf(at) : points.length; // the first step to the left is the newest
  onPoint(points[Math.min(Math.max(from + by, 0), points.length - 1)]?.at);
}

function Axes({ scales: { x, y, values, times }, unit, size }: { scales: Scales; unit: Unit; size: Size }): ReactNode {
  return (
    <g className="axes">
      {values.map((value) => (
        <g key={value}>
          <line x1={MARGIN.left} x2={size.width - MARGIN.right} y1={y(value)} y2={y(value)} />
          <text className="value" x={MARGIN.left - 8} y={y(value)}>
            {tickWords(value, unit)}
          </text>
        </g>
      ))}
      {times.map((time) => (
        <text key={time} className="time" x={Math.min(Math.max(x(time), MARGIN.left + 14), size.width - MARGIN.right - 14)} y={size.height - 5}>
          {minuteWords(time)}
        </text>
      ))}
    </g>
  );
}

function Mark({ at, scales: { x, y }, size }: { at: Point; scales: Scales; size: Size }): ReactNode {
  return (
    <g className="mark">
      <line x1={x(at.at)} x2={x(at.at)} y1={MARGIN.top} y2={size.height - MARGIN.bottom} />
      {at.value !== undefined && <circle cx={x(at.at)} cy={y(at.value)} r="4" />}
    </g>
  );
}

/** How wide the box is, also after the window changed. */
function useWidth(): { box: RefObject<HTMLDivElement | null>; width: number } {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(300);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, width };
}

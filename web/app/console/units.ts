/** What a figure is counted in. */
export type Unit = "count" | "rate" | "delay";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** "1,204", "3.5", "12 ms"; "–" for a delay of nothing. */
export function valueWords(value: number, unit: Unit): string {
  if (unit === "count") return whole.format(value);
  if (unit === "rate") return (value < 10 ? tenths : whole).format(value);
  return value === 0 ? "–" : delayWords(value * 1000);
}

/** Delays are in milliseconds. */
function delayWords(delay: number): string {
  if (delay >= 1_000) return `${hundredths.format(delay / 1000)} s`;
  return `${(delay < 1 ? hundredths : delay < 10 ? tenths : whole).format(delay)} ms`;
}

/** The same on an axis, where there is little room; delays in milliseconds. */
export function tickWords(value: number, unit: Unit): string {
  if (unit !== "delay") return short.format(value);
  return value === 0 ? "0" : delayWords(value);
}

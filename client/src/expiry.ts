import { UserStatusError } from "./error.ts";

/** How long from now; what is given adds up. */
export interface Span {
  readonly minutes?: number | undefined;
  readonly hours?: number | undefined;
  /** Of 24 hours. */
  readonly days?: number | undefined;
}

const MINUTE_MS = 60_000;
const UNITS_MS = { minutes: MINUTE_MS, hours: 60 * MINUTE_MS, days: 24 * 60 * MINUTE_MS } as const;
const UNITS = ["minutes", "hours", "days"] as const;

/** For `expiresAt`: `expiresIn({ minutes: 30 })`. Throws BAD_USER_INPUT for what is negative, not a number, or nothing at all. */
export function expiresIn(span: Span, now: Date = new Date()): Date {
  const given = UNITS.filter((unit) => span[unit] !== undefined);
  const wrong = given.find((unit) => !(Number(span[unit]) >= 0));
  if (wrong) throw badInput(`expiresIn: ${wrong} is ${span[wrong]}, and has to be a number from 0`);
  const milliseconds = given.reduce((sum, unit) => sum + Number(span[unit]) * UNITS_MS[unit], 0);
  if (milliseconds === 0) throw badInput("expiresIn: say how many minutes, hours or days, more than 0 in all");
  return checked("expiresIn", new Date(now.getTime() + milliseconds));
}

/** For `expiresAt`: the next midnight where the program runs, which is the start of the day where clocks skip midnight. */
export function untilTomorrow(now: Date = new Date()): Date {
  return checked("untilTomorrow", new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1));
}

function checked(name: string, moment: Date): Date {
  if (Number.isNaN(moment.getTime())) throw badInput(`${name}: that is no moment a Date can hold`);
  return moment;
}

function badInput(message: string): UserStatusError {
  return new UserStatusError("BAD_USER_INPUT", message);
}

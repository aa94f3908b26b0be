import type { Availability, Visibility } from "userstatus";
import type { Presence } from "./words.ts";

/** Something one may be, in words. */
export interface Choice<Value> {
  readonly value: Value;
  readonly name: string;
  /** A sentence on what others see. */
  readonly hint: string;
  /** What is said once it is so. */
  readonly said: string;
  /** Whose dot goes with it. */
  readonly presence?: Presence;
}

export const AVAILABILITIES: readonly Choice<Availability>[] = [
  { value: "AVAILABLE", name: "Automatic", hint: "Shown as away when you are idle.", said: "You are available.", presence: "online" },
  { value: "AWAY", name: "Away", hint: "Shown as away until you change it.", said: "You are away.", presence: "away" },
  { value: "BUSY", name: "Busy", hint: "Shown as busy, also when you are idle.", said: "You are busy.", presence: "busy" },
];

export const VISIBILITIES: readonly Choice<Visibility>[] = [
  {
    value: "EVERYONE",
    name: "Everyone",
    hint: "Everybody sees you, except those you blocked.",
    said: "Everyone can see you.",
  },
  {
    value: "FRIENDS",
    name: "Friends",
    hint: "Your friends see you. You look offline to all others.",
    said: "Only your friends can see you.",
  },
  {
    value: "NOBODY",
    name: "Nobody",
    hint: "You look offline to everyone. You still see them.",
    said: "You are invisible: others see you offline.",
  },
];

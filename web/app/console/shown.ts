import type { FiguresSample, ServiceFigures } from "./types.ts";
import type { Unit } from "./units.ts";

/** A figure that is shown as a number and as a plot. */
export interface Shown {
  readonly name: string;
  readonly hint: string;
  readonly unit: Unit;
  now(service: ServiceFigures): number;
  then(sample: FiguresSample): number;
}

export const SHOWN: readonly Shown[] = [
  {
    name: "Connections",
    hint: "sockets, and streams over HTTP",
    unit: "count",
    now: ({ total }) => total.connections,
    then: ({ figures }) => figures.connections,
  },
  {
    name: "Users online",
    hint: "each once, on whichever node",
    unit: "count",
    now: ({ usersOnline }) => usersOnline,
    then: ({ usersOnline }) => usersOnline,
  },
  {
    name: "Updates a second",
    hint: "statuses written to streams",
    unit: "rate",
    now: ({ total }) => total.updatesPerSecond,
    then: ({ figures }) => figures.updatesPerSecond,
  },
  {
    name: "Delivery delay",
    hint: "from commit to bytes written, 99 of 100",
    unit: "delay",
    now: ({ total }) => total.deliveryDelay,
    then: ({ figures }) => figures.deliveryDelay,
  },
  {
    name: "Write delay",
    hint: "wait for the commit, 99 of 100",
    unit: "delay",
    now: ({ total }) => total.writeDelay,
    then: ({ figures }) => figures.writeDelay,
  },
  {
    name: "Nodes",
    hint: "that are there",
    unit: "count",
    now: ({ nodes }) => nodes.filter(({ alive }) => alive).length,
    then: ({ nodes }) => nodes,
  },
];

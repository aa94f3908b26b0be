import type { ReactNode } from "react";
import { momentWords } from "./times.ts";
import type { NodeFigures } from "./types.ts";
import { valueWords } from "./units.ts";

const HEADS = ["Node", "State", "Last beat", "Connections", "Users", "Streams", "Updates/s", "Changes/s", "Delivery", "Write"] as const;

/** Each node, also those that left and still have users in their grace. */
export function Nodes({ nodes }: { nodes: readonly NodeFigures[] }): ReactNode {
  return (
    <section className="card nodes" aria-labelledby="nodes">
      <h2 id="nodes">Nodes</h2>
      <table aria-labelledby="nodes" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {HEADS.map((head) => (
              <th key={head} role="columnheader" scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {nodes.map((node, n) => (
            <Node key={n} node={node} />
          ))}
        </tbody>
      </table>
      {nodes.length === 0 && <p className="faint">Not known yet.</p>}
    </section>
  );
}

function Node({ node: { name, alive, answering, lastBeatAt, figures: f } }: { node: NodeFigures }): ReactNode {
  const cells = [
    valueWords(f.connections, "count"),
    valueWords(f.users, "count"),
    valueWords(f.streams, "count"),
    valueWords(f.updatesPerSecond, "rate"),
    valueWords(f.changesPerSecond, "rate"),
    valueWords(f.deliveryDelay, "delay"),
    valueWords(f.writeDelay, "delay"),
  ];
  return (
    <tr role="row" className={alive ? undefined : "gone"}>
      <th role="rowheader" scope="row">
        {name}
        {answering && <span className="faint"> answers here</span>}
      </th>
      <td role="cell" data-head="State">
        <span className={alive ? "state good" : "state"}>{alive ? "Alive" : "Gone"}</span>
      </td>
      <td role="cell" data-head="Last beat">
        <time dateTime={lastBeatAt}>{momentWords(lastBeatAt, Date.now())}</time>
      </td>
      {cells.map((cell, n) => (
        <td key={HEADS[n + 3]} role="cell" data-head={HEADS[n + 3]} className="number">
          {cell}
        </td>
      ))}
    </tr>
  );
}

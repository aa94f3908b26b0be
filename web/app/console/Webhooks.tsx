import { useState, type ReactNode } from "react";
import { useDeeds } from "../demo/deed.ts";
import { useNow } from "../demo/clock.ts";
import { AsGraphQL } from "./AsGraphQL.tsx";
import { Confirm } from "./Confirm.tsx";
import { Heading } from "./Heading.tsx";
import { DISCARD, RESEND, WEBHOOKS } from "./operations.ts";
import { More, usePaging } from "./paging.tsx";
import { usePolled } from "./polled.ts";
import { Problem } from "./Problem.tsx";
import { reasonWords } from "./reasons.ts";
import { addressOf } from "./route.ts";
import { useDesk } from "./session.ts";
import { useStore } from "./store.ts";
import { momentWords, sinceWords } from "./times.ts";
import type { WebhookEvent, WebhookState } from "./types.ts";
import { valueWords } from "./units.ts";

/** Null is all. */
type Which = { readonly id: string } | { readonly id: null } | undefined;

/** What the app's backend is told, and was not. */
export function Webhooks(): ReactNode {
  const { client, say, reachable } = useDesk();
  const reached = useStore(reachable);
  const paging = usePaging(20);
  const { data, problem, refresh } = usePolled(WEBHOOKS, { first: paging.first, after: paging.after });
  const deeds = useDeeds(say);
  const [discarding, setDiscarding] = useState<Which>();
  const resend = (id: string | null): void =>
    deeds.run(async () => {
      const { data } = await client.mutate({ mutation: RESEND, variables: { idList: id === null ? null : [id] } });
      refresh();
      return `${eventWords(data?.resendWebhooks ?? 0)} will be sent again.`;
    });
  const discard = async (id: string | null): Promise<string> => {
    const { data } = await client.mutate({ mutation: DISCARD, variables: { idList: id === null ? null : [id] } });
    refresh();
    return `${eventWords(data?.discardWebhooks ?? 0)} forgotten.`;
  };
  const events = data?.webhooksSetAside.edges ?? [];
  return (
    <div className={reached ? undefined : "stale"}>
      <Heading lead="Each change of a status, sent to your backend.">Webhooks</Heading>
      <Problem problem={problem} />
      <p className="problem" role="alert">
        {deeds.problem}
      </p>
      {data && <State state={data.webhooks} />}
      {data && (data.webhooks.enabled || events.length > 0) && (
        <section className="card aside" aria-labelledby="aside">
          <header>
            <h2 id="aside">Set aside</h2>
            {events.length > 0 && (
              <div className="deeds">
                <button type="button" onClick={() => resend(null)}>
                  Send all again
                </button>
                <button className="danger quiet" type="button" aria-haspopup="dialog" onClick={() => setDiscarding({ id: null })}>
                  Discard all
                </button>
              </div>
            )}
          </header>
          <p className="faint">{events.length > 0 ? "Given up after 24 hours in vain. Sent again, they come after newer ones of their user." : "Nothing was given up."}</p>
          <ul aria-labelledby="aside">
            {events.map(({ node }) => (
              <SetAside key={node.id} event={node} onResend={() => resend(node.id)} onDiscard={() => setDiscarding({ id: node.id })} />
            ))}
          </ul>
          <More of="events" page={data.webhooksSetAside.pageInfo} paging={paging} />
        </section>
      )}
      <AsGraphQL
        scripts={[
          { document: WEBHOOKS, variables: { first: 20 } },
          { document: RESEND, variables: { idList: events[0] ? [events[0].node.id] : null } },
          { document: DISCARD, variables: { idList: events[0] ? [events[0].node.id] : null } },
        ]}
      />
      {discarding && (
        <Confirm
          title={discarding.id === null ? "Discard all events that were set aside?" : "Discard this event?"}
          deed={discarding.id === null ? "Discard all" : "Discard it"}
          work={() => discard(discarding.id)}
          onClose={() => setDiscarding(undefined)}
        >
          <p>Your backend is never told of {discarding.id === null ? "them" : "it"}, and there is no way back.</p>
        </Confirm>
      )}
    </div>
  );
}

function State({ state: { enabled, pending, pendingSince, setAside } }: { state: WebhookState }): ReactNode {
  const now = useNow();
  if (!enabled) {
    return (
      <section className="card off" aria-labelledby="state">
        <h2 id="state">Webhooks are off</h2>
        <p>
          Start the server with <code>--webhook-url</code> and <code>--webhook-secret</code>, and it sends each change of a status to that address: signed, in order
          for each user, and again until it is taken.
        </p>
      </section>
    );
  }
  return (
    <section className="card state-card" aria-labelledby="state">
      <h2 id="state" className="unseen">
        State
      </h2>
      <dl>
        <div>
          <dt>Waiting</dt>
          <dd>{valueWords(pending, "count")}</dd>
          <dd className="faint">{pendingSince === null ? "all was taken" : `the oldest happened ${sinceWords(pendingSince, now)}`}</dd>
        </div>
        <div>
          <dt>Set aside</dt>
          <dd>{valueWords(setAside, "count")}</dd>
          <dd className="faint">given up after 24 hours</dd>
        </div>
      </dl>
    </section>
  );
}

function SetAside({ event, onResend, onDiscard }: { event: WebhookEvent; onResend(): void; onDiscard(): void }): ReactNode {
  const now = useNow();
  const { id, change, attempts, lastError, setAsideAt } = event;
  return (
    <li>
      <div>
        <p>
          <a href={addressOf("users", change.userID)}>{change.userID}</a>: {reasonWords(change)}, {momentWords(change.at, now)}
        </p>
        <p className="error">{lastError}</p>
        <p className="faint">
          {attempts === 1 ? "One attempt" : `${attempts} attempts`}
          {setAsideAt !== null && `, given up ${sinceWords(setAsideAt, now)}`} · <code>{id}</code>
        </p>
      </div>
      <div className="deeds">
        <button type="button" aria-label={`Send ${id} again`} onClick={onResend}>
          Send again
        </button>
        <button className="danger quiet" type="button" aria-haspopup="dialog" aria-label={`Discard ${id}`} onClick={onDiscard}>
          Discard
        </button>
      </div>
    </li>
  );
}

function eventWords(count: number): string {
  return count === 1 ? "One event" : `${count} events`;
}

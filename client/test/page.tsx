import "./dom.ts";
import { ApolloClient, InMemoryCache, type ApolloLink } from "@apollo/client";
import { ApolloProvider } from "@apollo/client/react";
import { useEffect, type FunctionComponent, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { typePolicies, userStatusLink, type UserStatusLink, useSelf, useSelfStatus, useUserStatus, useUserStatuses, type UserStatusView } from "../src/apollo/index.ts";
import type { SelfStatusView, SelfView, UserStatusesView } from "../src/apollo/index.ts";
import type { ConnectionOptions } from "../src/index.ts";
import { atEnd } from "./cleanup.ts";
import { createFeed, type Feed } from "./feed.ts";
import { createWire, type Wire } from "./wire.ts";

/** A tab: an Apollo client with a socket of its own, and a page to render to. */
export interface Tab {
  readonly client: ApolloClient;
  readonly wire: Wire;
  render(content: ReactNode): void;
  unmount(): void;
}

export function openTab(options: ConnectionOptions, otherLink?: ApolloLink): Tab {
  const wire = createWire();
  const link = otherLink ?? userStatusLink({ webSocketImpl: wire.webSocketImpl, ...options });
  const client = new ApolloClient({ cache: new InMemoryCache({ typePolicies }), link });
  const root = createRoot(document.createElement("div"));
  let isMounted = true;
  const unmount = (): void => {
    if (isMounted) root.unmount();
    isMounted = false;
  };
  atEnd(() => {
    unmount();
    client.stop();
    if ("close" in link) (link as UserStatusLink).close();
  });
  return {
    client,
    wire,
    render: (content) => root.render(<ApolloProvider client={client}>{content}</ApolloProvider>),
    unmount,
  };
}

/** A component that shows nothing, and what its hook gave at each render. */
export interface Shown<View, Props> {
  readonly Show: FunctionComponent<Props>;
  readonly views: Feed<View>;
}

function shown<View, Props>(useView: (props: Props) => View): Shown<View, Props> {
  const views = createFeed<View>();
  const Show = (props: Props): ReactNode => {
    const view = useView(props);
    useEffect(() => views.push(view), [view]);
    return null;
  };
  return { Show, views };
}

export const showUser = (): Shown<UserStatusView, { userID: string }> => shown(({ userID }) => useUserStatus(userID));
export const showUsers = (): Shown<UserStatusesView, { userIDs: readonly string[] }> => shown(({ userIDs }) => useUserStatuses(userIDs));
export const showSettings = (): Shown<SelfView, object> => shown(() => useSelf());
export const showSelf = (): Shown<SelfStatusView, object> => shown(() => useSelfStatus());

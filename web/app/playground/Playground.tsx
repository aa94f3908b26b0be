import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import type { GraphQLSchema } from "graphql";
import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { demoSession, userQuery, type Demo, type DemoUser } from "./demo.ts";
import { createLink, type Link, type SocketState } from "./link.ts";
import { pastedSession, type Session } from "./session.ts";
import { ChooseUser, PasteToken } from "./SignIn.tsx";
import { storageOf } from "./storage.ts";
import { defaultTabs, type Tab } from "./tabs.ts";

const ENDPOINT = "/graphql";
const TOKEN_KEY = "userstatus.token";

/** The page: who one is at the top, GraphiQL below. demo is what development mode offers, if it is on. */
export function Playground({ demo, schema }: { demo: Demo | undefined; schema: GraphQLSchema }): ReactNode {
  return demo ? <AsDemoUser demo={demo} schema={schema} /> : <WithToken schema={schema} />;
}

function AsDemoUser({ demo, schema }: { demo: Demo; schema: GraphQLSchema }): ReactNode {
  const [user, setUser] = useState(demo.first);
  const [link] = useState(() => createLink(ENDPOINT, demoSession(demo.first)));
  const choose = (chosen: DemoUser): void => {
    setUser(chosen);
    link.signIn(demoSession(chosen));
    history.replaceState(null, "", `?${userQuery(chosen)}`);
  };
  useEffect(() => titlePage(user.userID), [user]);
  const others = demo.users.filter((other) => !other.admin && other.userID !== demo.first.userID);
  return (
    <Frame
      link={link}
      schema={schema}
      owner={demo.first.userID}
      tabs={defaultTabs(others.map((other) => other.userID), demo.first.admin)}
      signIn={<ChooseUser demo={demo} user={user} onChoose={choose} />}
    />
  );
}

function WithToken({ schema }: { schema: GraphQLSchema }): ReactNode {
  const [token, setToken] = useState(() => sessionStorage.getItem(TOKEN_KEY) ?? "");
  const [link] = useState(() => createLink(ENDPOINT, tokenSession(token)));
  const use = (pasted: string): void => {
    setToken(pasted);
    sessionStorage.setItem(TOKEN_KEY, pasted);
    link.signIn(tokenSession(pasted));
  };
  return (
    <Frame
      link={link}
      schema={schema}
      owner="userstatus"
      tabs={defaultTabs(["alice", "bob"], false)}
      signIn={<PasteToken token={token} onToken={use} />}
    />
  );
}

const tokenSession = (token: string): Session => pastedSession(token || undefined);

function titlePage(userID: string): void {
  document.title = `${userID} · Playground · userstatus`;
}

interface FrameProps {
  link: Link;
  schema: GraphQLSchema;
  signIn: ReactNode;
  /** Under whose name the browser keeps the tabs. */
  owner: string;
  /** What is in the tabs until somebody writes into them. */
  tabs: Tab[];
}

function Frame({ link, schema, signIn, owner, tabs }: FrameProps): ReactNode {
  const [storage] = useState(() => storageOf(owner));
  return (
    <>
      <header className="bar">
        <a className="home" href="/">
          <img src="/favicon.svg" alt="" width="20" height="20" /> userstatus
        </a>
        {signIn}
        <Socket link={link} />
        <a className="schema" href="/schema.graphqls">
          Schema
        </a>
      </header>
      <main>
        <GraphiQL fetcher={link.fetcher} schema={schema} storage={storage} defaultTabs={tabs} defaultEditorToolsVisibility={false}>
          <GraphiQL.Logo>
            <FollowSystemTheme />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

const SOCKET_TEXT: Record<SocketState, string> = {
  closed: "No socket",
  connecting: "Connecting…",
  connected: "Connected: ONLINE",
};

function Socket({ link }: { link: Link }): ReactNode {
  const state = useSyncExternalStore(link.onSocketState, link.socketState);
  return (
    <span className="socket" data-state={state} role="status" title="A running subscription opens the socket, and with it one is ONLINE">
      {SOCKET_TEXT[state]}
    </span>
  );
}

/** GraphiQL reads the system's theme once; its editors follow a later change only if told to. */
function FollowSystemTheme(): ReactNode {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = (): void => {
      if (theme === null) setTheme(null);
    };
    dark.addEventListener("change", follow);
    return () => dark.removeEventListener("change", follow);
  }, [theme, setTheme]);
  return null;
}

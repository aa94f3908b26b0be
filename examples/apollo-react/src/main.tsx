import { ApolloClient, InMemoryCache } from "@apollo/client";
import { ApolloProvider } from "@apollo/client/react";
import { createRoot } from "react-dom/client";
import { typePolicies, userStatusLink } from "userstatus/apollo";
import { App } from "./App";

const url: string = import.meta.env["VITE_USERSTATUS_URL"] ?? "http://127.0.0.1:8080";
const user = new URLSearchParams(location.search).get("user") ?? "alice";

/** In an app of yours: asks your backend, which knows who is signed in. */
async function fetchToken(): Promise<string> {
  const response = await fetch(`${url}/dev/token?user=${encodeURIComponent(user)}`);
  if (!response.ok) throw new Error(await response.text());
  const { token } = await response.json();
  return token;
}

const client = new ApolloClient({
  link: userStatusLink({ url, token: fetchToken }),
  cache: new InMemoryCache({ typePolicies }),
});

createRoot(document.getElementById("root")!).render(
  <ApolloProvider client={client}>
    <App />
  </ApolloProvider>,
);

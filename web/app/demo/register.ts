import type { DemoUser } from "../playground/demo.ts";

const REGISTER = "mutation Register($userIDList: [ID!]!) { registerUsers(userIDList: $userIDList) { failureUserList { userID } } }";

/**
 * What an app's backend does for its users before they first sign in: makes them
 * known to the server, so that they can be followed. In development mode a page
 * may have the token for it.
 */
export async function registerDemoUsers(users: readonly DemoUser[]): Promise<void> {
  const admin = users.find((user) => user.admin);
  if (!admin) return;
  const minted = await fetch(`/dev/token?user=${encodeURIComponent(admin.userID)}&role=admin`, { cache: "no-store" });
  if (!minted.ok) throw new Error(`/dev/token answered ${minted.status}`);
  const { token } = (await minted.json()) as { token: string };
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: REGISTER, variables: { userIDList: users.map(({ userID }) => userID) } }),
  });
  if (!response.ok) throw new Error(`registerUsers answered ${response.status}`);
}

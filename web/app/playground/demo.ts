import { mintedSession, type Session } from "./session.ts";

/** DemoUser is somebody one can be in development mode without a password. */
export interface DemoUser {
  userID: string;
  admin: boolean;
}

/** Demo is what development mode offers: whom one can be, and who one is at first. */
export interface Demo {
  users: DemoUser[];
  first: DemoUser;
}

/** Finds out what development mode offers; undefined outside of it. The page's address may name the user. */
export async function findDemo(address: URLSearchParams): Promise<Demo | undefined> {
  const response = await fetch("/playground/users.json");
  if (!response.ok) throw new Error(`/playground/users.json answered ${response.status}`);
  return choose((await response.json()) as DemoUser[], namedUser(address));
}

function namedUser(address: URLSearchParams): DemoUser | undefined {
  const userID = address.get("user");
  return userID ? { userID, admin: address.get("role") === "admin" } : undefined;
}

function choose(users: DemoUser[], named: DemoUser | undefined): Demo | undefined {
  const [first] = users;
  if (!first) return undefined;
  if (!named) return { users, first };
  const known = users.find((user) => user.userID === named.userID && (user.admin || !named.admin));
  return known ? { users, first: known } : { users: [...users, named], first: named };
}

/** The query string that names a user, for links and for /dev/token alike. */
export function userQuery(user: DemoUser): string {
  return new URLSearchParams({ user: user.userID, ...(user.admin && { role: "admin" }) }).toString();
}

export function demoSession(user: DemoUser): Session {
  return mintedSession(`/dev/token?${userQuery(user)}`);
}

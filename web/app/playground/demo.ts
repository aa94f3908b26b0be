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
  const response = await fetch("/dev/users");
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`/dev/users answered ${response.status}`);
  const offered = (await response.json()) as { users: string[]; admin: string };
  return choose(listUsers(offered), namedUser(address));
}

function listUsers(offered: { users: string[]; admin: string }): DemoUser[] {
  const users = offered.users.map((userID) => ({ userID, admin: false }));
  return [...users, { userID: offered.admin, admin: true }];
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

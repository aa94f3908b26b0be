import { UserStatusError } from "./error.ts";

/** Why a connection is gone, or did not come about. */
export interface Loss {
  /** The WebSocket's close code, where there was one. */
  readonly code?: number;
  /** In words, where there are any: browsers tell no more of a failure than that it was one. */
  readonly text: string;
  /** Whether the server had let us in. */
  readonly wasOnline: boolean;
  /** What the token function threw, where that was it. */
  readonly tokenError?: unknown;
}

/** What follows from a loss. */
export interface Verdict {
  readonly error: UserStatusError;
  /** Whether coming back is of no use. */
  readonly final: boolean;
  /** Whether the calls under way may be to blame, and sending them again would lose the connection again. */
  readonly blamesCalls: boolean;
}

const BAD_REQUEST = 4400;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const TOO_MANY = 4429;

/** Closed for what was said: protocol error, wrong data, invalid text, too big, bad request. */
const BLAMES_MESSAGES: readonly (number | undefined)[] = [1002, 1003, 1007, 1009, BAD_REQUEST];

/** A token that can't change can't get better: its refusal is final, while a function is asked again. */
export function judge(loss: Loss, address: string, tokenIsFixed: boolean): Verdict {
  const { code, text, wasOnline } = loss;
  const verdict = (error: UserStatusError, final = false): Verdict => ({
    error,
    final,
    blamesCalls: wasOnline && BLAMES_MESSAGES.includes(code),
  });
  if ("tokenError" in loss) {
    return verdict(new UserStatusError("UNAUTHENTICATED", `no token could be had: ${text}`, undefined, loss.tokenError), tokenIsFixed);
  }
  const because = text ? `: ${text}` : "";
  switch (code) {
    case UNAUTHORIZED:
      return verdict(new UserStatusError("UNAUTHENTICATED", `logged out${because}`), true);
    case FORBIDDEN:
      return verdict(new UserStatusError("UNAUTHENTICATED", `the token was refused${because}`), tokenIsFixed);
    case TOO_MANY:
      return verdict(new UserStatusError("RATE_LIMITED", `the server lets no more in${because}`));
  }
  if (code === BAD_REQUEST && !wasOnline) {
    return verdict(new UserStatusError("BAD_USER_INPUT", `the server refused to connect${because}`), true);
  }
  if (BLAMES_MESSAGES.includes(code) && wasOnline) {
    return verdict(new UserStatusError("BAD_USER_INPUT", `the server closed the connection${because || ` with ${code}`}`));
  }
  const what = wasOnline ? "the connection was lost" : `no connection to ${address}`;
  return verdict(new UserStatusError("NO_CONNECTION", `${what}${because}`));
}

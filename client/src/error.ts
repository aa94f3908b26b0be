/** What the server answers with, and what the package adds for what never reached it. */
export type Reason =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "BAD_USER_INPUT"
  | "FEATURE_DISABLED"
  | "RATE_LIMITED"
  | "INTERNAL_SERVER_ERROR"
  | "GRAPHQL_PARSE_FAILED"
  | "GRAPHQL_VALIDATION_FAILED"
  | "NO_CONNECTION"
  | "TIMEOUT"
  | "CLOSED"
  | (string & {});

/** The number of each reason, the server's own and the three of the package. */
const CODES: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 6014,
  FORBIDDEN: 70403,
  BAD_USER_INPUT: 6017,
  FEATURE_DISABLED: 72001,
  RATE_LIMITED: 7008,
  INTERNAL_SERVER_ERROR: 70500,
  NO_CONNECTION: 6200,
  TIMEOUT: 6012,
  CLOSED: 6013,
};

/** Why a call failed: a number for programs, a sentence for people. */
export class UserStatusError extends Error {
  override readonly name = "UserStatusError";
  /** The number: `extensions.errorCode` of the server, or 6200 no connection, 6012 no answer in time, 6013 closed. */
  readonly code: number;
  /** The same as a word: `extensions.code` of the server, or `NO_CONNECTION`, `TIMEOUT`, `CLOSED`. */
  readonly reason: Reason;

  constructor(reason: Reason, message: string, code = CODES[reason] ?? 70500, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.code = code;
  }
}

/** An entry of `errors` in a GraphQL answer. */
interface GraphQLErrorLike {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The first of an answer's errors, as the server said it. */
export function errorOfAnswer(errors: readonly GraphQLErrorLike[]): UserStatusError {
  const [first] = errors;
  if (!first) return new UserStatusError("INTERNAL_SERVER_ERROR", "the server answered with neither data nor an error");
  const { code, errorCode } = first.extensions ?? {};
  const reason = typeof code === "string" ? code : "INTERNAL_SERVER_ERROR";
  return new UserStatusError(reason, first.message, typeof errorCode === "number" ? errorCode : undefined, first);
}

/** Whatever was thrown, as one of ours: also what Apollo Client makes of an answer's errors. */
export function asUserStatusError(thrown: unknown): UserStatusError {
  if (thrown instanceof UserStatusError) return thrown;
  if (hasErrors(thrown)) return errorOfAnswer(thrown.errors);
  const message = messageOf(thrown);
  if (statusCodeOf(thrown) === 401) return new UserStatusError("UNAUTHENTICATED", message, undefined, thrown);
  return new UserStatusError("NO_CONNECTION", message, undefined, thrown);
}

/** What a thrown value says, never empty. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null && "message" in thrown && thrown.message) return String(thrown.message);
  return String(thrown);
}

function hasErrors(thrown: unknown): thrown is { errors: readonly GraphQLErrorLike[] } {
  return typeof thrown === "object" && thrown !== null && "errors" in thrown && Array.isArray(thrown.errors);
}

function statusCodeOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "statusCode" in thrown ? thrown.statusCode : undefined;
}

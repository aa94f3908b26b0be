import type { StatusChange } from "./types.ts";

/** Why a status changed, as people say it. */
export function reasonWords({ reason, customStatus, availability }: StatusChange): string {
  switch (reason) {
    case "REGISTERED":
      return "Became a user";
    case "LOGIN":
      return "Came online";
    case "LOGOUT":
      return "Logged out";
    case "SESSIONS_ENDED":
      return "An admin ended their sessions";
    case "CONNECTION_LOST":
      return "Lost the connection and did not come back";
    case "TIMEOUT":
      return "Gave no sign of life any more";
    case "CUSTOM_STATUS_SET":
      return customStatus === "" ? "Custom status cleared" : "Custom status set";
    case "EXPIRED":
      return "Custom status came to its end";
    case "AVAILABILITY_SET":
      return availability === "AVAILABLE" ? "Left it to the devices how approachable they are" : `Said to be ${availability.toLowerCase()}`;
    case "IDLENESS":
      return availability === "AWAY" ? "All devices became idle" : "Back at a device";
    case "REMOVED":
      return "Was removed";
    default:
      return reason; // a server that is newer than the page
  }
}

/** "Offline → Online", or the one word where it stayed. */
export function stepWords({ oldStatusType, statusType }: StatusChange): string {
  return oldStatusType === statusType ? TYPES[statusType] : `${TYPES[oldStatusType]} → ${TYPES[statusType]}`;
}

const TYPES = { UNKNOWN: "Unknown", ONLINE: "Online", OFFLINE: "Offline", UNLOGINED: "Signed out" } as const;

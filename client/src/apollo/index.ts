export * from "./core.ts";
export {
  useSelf,
  useSelfStatus,
  useUserStatus,
  useUserStatuses,
  type SelfStatusView,
  type SelfView,
  type UserStatusesView,
} from "./hooks.ts";

export * from "./core.ts";
export {
  useSelfStatus,
  useUserStatus,
  useUserStatuses,
  type SelfStatusView,
  type UserStatusesView,
} from "./hooks.ts";

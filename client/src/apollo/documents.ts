import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { parse } from "graphql";
import {
  BlockUsersDocument,
  EverySettingFragmentDoc,
  EveryStatusFragmentDoc,
  GetSelfDocument,
  ReportIdleDocument,
  SetSelfAvailabilityDocument,
  SetSelfStatusDocument,
  SetSelfVisibilityDocument,
  SubscribeManyUserStatusDocument,
  UnblockUsersDocument,
  UnsubscribeUserStatusDocument,
  UserStatusUpdatedDocument,
} from "../gql/graphql.ts";
import type { Document } from "../request.ts";

/** The generated operations as Apollo Client wants them, parsed when first needed. */
export const documents = {
  everyStatus: parsed(EveryStatusFragmentDoc),
  everySetting: parsed(EverySettingFragmentDoc),
  self: parsed(GetSelfDocument),
  setSelfStatus: parsed(SetSelfStatusDocument),
  setSelfAvailability: parsed(SetSelfAvailabilityDocument),
  reportIdle: parsed(ReportIdleDocument),
  setSelfVisibility: parsed(SetSelfVisibilityDocument),
  blockUsers: parsed(BlockUsersDocument),
  unblockUsers: parsed(UnblockUsersDocument),
  subscribe: parsed(SubscribeManyUserStatusDocument),
  unsubscribe: parsed(UnsubscribeUserStatusDocument),
  updated: parsed(UserStatusUpdatedDocument),
};

function parsed<Data, Variables>(document: Document<Data, Variables>): () => TypedDocumentNode<Data, Variables & OperationVariables> {
  let node: TypedDocumentNode<Data, Variables & OperationVariables> | undefined;
  return () => (node ??= parse(document.toString()));
}

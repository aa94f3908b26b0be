import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { parse } from "graphql";
import {
  EveryStatusFragmentDoc,
  GetSelfDocument,
  SetSelfStatusDocument,
  SubscribeManyUserStatusDocument,
  UnsubscribeUserStatusDocument,
  UserStatusUpdatedDocument,
} from "../gql/graphql.ts";
import type { Document } from "../request.ts";

/** The generated operations as Apollo Client wants them, parsed when first needed. */
export const documents = {
  everyStatus: parsed(EveryStatusFragmentDoc),
  self: parsed(GetSelfDocument),
  setSelfStatus: parsed(SetSelfStatusDocument),
  subscribe: parsed(SubscribeManyUserStatusDocument),
  unsubscribe: parsed(UnsubscribeUserStatusDocument),
  updated: parsed(UserStatusUpdatedDocument),
};

function parsed<Data, Variables>(document: Document<Data, Variables>): () => TypedDocumentNode<Data, Variables & OperationVariables> {
  let node: TypedDocumentNode<Data, Variables & OperationVariables> | undefined;
  return () => (node ??= parse(document.toString()));
}

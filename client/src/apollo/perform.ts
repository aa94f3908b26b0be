import type { ApolloClient, OperationVariables, TypedDocumentNode } from "@apollo/client";
import { asUserStatusError } from "../error.ts";

/** Resolves with a mutation's data, or rejects with a `UserStatusError`. */
export async function perform<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  mutation: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  try {
    const options: ApolloClient.MutateOptions<Data, OperationVariables> = { mutation, variables, errorPolicy: "none" };
    const { data } = await client.mutate(options);
    if (!data) throw new Error("the server answered without data");
    return data as Data;
  } catch (error) {
    throw asUserStatusError(error);
  }
}

import { bearerOf, type ShownTokens } from "../shown-tokens.ts";

/**
 * The token that a connection was opened with: Socket.IO's `auth.token` (where a Phoenix client's
 * sub-protocol token ends up too), `userToken` or `token` in the query, or an `Authorization`
 * header, in this order.
 */
export function connectionToken(shown: ShownTokens): string | undefined {
  const { auth, query, headers } = shown;
  const candidates: unknown[] = [
    auth["token"],
    query["userToken"],
    query["token"],
    bearerOf(headers),
  ];
  return candidates.find((token): token is string => typeof token === "string" && token !== "");
}

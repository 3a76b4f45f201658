import type { IncomingHttpHeaders } from "node:http";

const BEARER = /^Bearer +(\S+)$/i;

/** Where a token may have come from: the parts of a Socket.IO handshake. */
export interface ShownTokens {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

/**
 * The token that a connection was opened with: Socket.IO's `auth.token` (where a Phoenix client's
 * sub-protocol token ends up too), `userToken` or `token` in the query, or an `Authorization`
 * header, in this order.
 */
export function connectionToken(shown: ShownTokens): string | undefined {
  const { auth, query, headers } = shown;
  const bearer = BEARER.exec(headers.authorization ?? "")?.[1];
  const candidates: unknown[] = [auth["token"], query["userToken"], query["token"], bearer];
  return candidates.find((token): token is string => typeof token === "string" && token !== "");
}

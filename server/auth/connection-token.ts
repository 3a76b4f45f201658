import type { Socket } from "socket.io";

const BEARER = /^Bearer +(\S+)$/i;

/**
 * The token that a connection was opened with: Socket.IO's `auth.token` (where a Phoenix client's
 * sub-protocol token ends up too), `userToken` or `token` in the query, or an `Authorization`
 * header, in this order.
 */
export function connectionToken(socket: Socket): string | undefined {
  const { auth, query, headers } = socket.handshake;
  const bearer = BEARER.exec(headers.authorization ?? "")?.[1];
  const candidates: unknown[] = [auth["token"], query["userToken"], query["token"], bearer];
  return candidates.find((token): token is string => typeof token === "string" && token !== "");
}

import type { IncomingHttpHeaders } from "node:http";

const BEARER = /^Bearer +(\S+)$/i;

/** Where a client's token may be: the parts of a Socket.IO handshake. */
export interface ShownTokens {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf({ authorization = "" }: IncomingHttpHeaders): string | undefined {
  return BEARER.exec(authorization)?.[1];
}

/** What a Phoenix client says in its WebSocket request. */
export type PhoenixHandshake =
  | {
      readonly ok: true;
      /** Protocol version that was asked for, or undefined if none was. */
      readonly vsn: "2" | undefined;
      /** Token that came as a sub-protocol. */
      readonly token: string | undefined;
      readonly subprotocol: string | undefined;
    }
  | { readonly ok: false };

const SUBPROTOCOL = "phoenix";
const TOKEN_PREFIX = "base64url.bearer.phx.";
/** `~> 2.0.0`, as Phoenix reads it. */
const VERSION_2 = /^2\.0\.(0|[1-9]\d*)(\+[0-9A-Za-z.-]+)?$/;
/** Both alphabets: phoenix.js sends the standard one although the prefix says base64url. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * Reads a Phoenix client's version and token.
 *
 * @param vsn the query's `vsn`, if there is one
 * @param offered the `Sec-WebSocket-Protocol` header, if there is one
 * @returns not ok for another version, for sub-protocols without `phoenix`, and for a token that
 * is not base64; Phoenix refuses each with 403
 */
export function readHandshake(
  vsn: string | undefined,
  offered: string | undefined,
): PhoenixHandshake {
  if (vsn !== undefined && !VERSION_2.test(vsn)) return { ok: false };
  const version = vsn === undefined ? undefined : "2";
  if (offered === undefined) {
    return { ok: true, vsn: version, token: undefined, subprotocol: undefined };
  }
  const items = offered.split(",").map((item) => item.trim());
  const tokens = items.filter((item) => item.startsWith(TOKEN_PREFIX));
  const [encoded] = tokens;
  const token = tokens.length === 1 && encoded !== undefined ? decodeToken(encoded) : undefined;
  const isBroken = tokens.length > 1 || (tokens.length === 1 && token === undefined);
  const hasOnlyToken = items.length === tokens.length;
  if (isBroken || !(items.includes(SUBPROTOCOL) || hasOnlyToken)) return { ok: false };
  const subprotocol = items.includes(SUBPROTOCOL) ? SUBPROTOCOL : undefined;
  return { ok: true, vsn: version, token, subprotocol };
}

function decodeToken(item: string): string | undefined {
  const encoded = item.slice(TOKEN_PREFIX.length);
  return BASE64.test(encoded) ? Buffer.from(encoded, "base64").toString("utf8") : undefined;
}

import type { CloseName } from "../../codes.ts";

/** What a Phoenix client says before it is let in. */
export type PhoenixHandshake =
  | {
      readonly ok: true;
      /** Protocol version that was asked for, or undefined if none was. */
      readonly vsn: "1" | "2" | undefined;
      /** Token that came as a sub-protocol. */
      readonly token: string | undefined;
      readonly subprotocol: string | undefined;
    }
  | { readonly ok: false; readonly close: CloseName };

interface Offer {
  readonly token: string | undefined;
  readonly subprotocol: string | undefined;
}

const SUBPROTOCOL = "phoenix";
const TOKEN_PREFIX = "base64url.bearer.phx.";
/** `~> 1.0.0` and `~> 2.0.0`, as Phoenix reads them. */
const VERSION = /^([12])\.0\.(?:0|[1-9]\d*)(?:\+[0-9A-Za-z.-]+)?$/;
/** Both alphabets: phoenix.js sends the standard one although the prefix says base64url. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * Reads a Phoenix client's token, sub-protocol and version, in Phoenix's order.
 *
 * @param vsn the query's `vsn`, of any shape; undefined if there is none
 * @param offered the `Sec-WebSocket-Protocol` header, if there is one
 * @returns not ok for two tokens or one that is not base64, for sub-protocols without `phoenix`,
 * and for another version
 */
export function readHandshake(vsn: unknown, offered: string | undefined): PhoenixHandshake {
  const offer = readOffer(offered);
  if (typeof offer === "string") return { ok: false, close: offer };
  const version = readVersion(vsn);
  if (version === "unknown") return { ok: false, close: "version_refused" };
  return { ok: true, vsn: version, ...offer };
}

function readVersion(vsn: unknown): "1" | "2" | undefined | "unknown" {
  if (vsn === undefined) return undefined;
  const major = typeof vsn === "string" ? VERSION.exec(vsn)?.[1] : undefined;
  return major === "1" || major === "2" ? major : "unknown";
}

function readOffer(offered: string | undefined): Offer | CloseName {
  if (offered === undefined) return { token: undefined, subprotocol: undefined };
  const items = offered.split(",").map((item) => item.trim());
  const tokens = items.filter((item) => item.startsWith(TOKEN_PREFIX));
  const [encoded] = tokens;
  const token = encoded === undefined ? undefined : decodeToken(encoded);
  const isBroken = tokens.length > 1 || (encoded !== undefined && token === undefined);
  if (isBroken) return "connect_unauthorized";
  const hasPhoenix = items.includes(SUBPROTOCOL);
  if (!hasPhoenix && items.length > tokens.length) return "subprotocol_refused";
  return { token, subprotocol: hasPhoenix ? SUBPROTOCOL : undefined };
}

function decodeToken(item: string): string | undefined {
  const encoded = item.slice(TOKEN_PREFIX.length);
  return BASE64.test(encoded) ? Buffer.from(encoded, "base64").toString("utf8") : undefined;
}

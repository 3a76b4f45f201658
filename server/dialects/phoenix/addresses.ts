import type { Dialect } from "../../connections/dialect.ts";
import type { Addresses, UpgradeAnswer, UpgradeRequest } from "../../connections/upgrades.ts";
import { readHandshake } from "./handshake.ts";

/** The first two are phoenix.js's `new Socket("/websocket")` and Tangram's plain address. */
const PATHS = ["/websocket", "/websocket/websocket", "/socket/websocket"];

/** The addresses at which phoenix.js connects over WebSocket. */
export function phoenixAddresses(phoenix: Dialect): Addresses {
  return new Map(PATHS.map((path) => [path, (request) => answer(phoenix, request)]));
}

/**
 * What a Phoenix address makes of a WebSocket request. A `vsn` says that the client speaks
 * Phoenix; without one its first frame tells.
 */
function answer(phoenix: Dialect, request: UpgradeRequest): UpgradeAnswer {
  const { query, headers } = request;
  const handshake = readHandshake(query.get("vsn"), headers["sec-websocket-protocol"]);
  // Phoenix's status for a version, a sub-protocol or a token that it cannot read.
  if (!handshake.ok) return { status: 403 };
  return {
    dialect: handshake.vsn === undefined ? undefined : phoenix,
    query,
    token: handshake.token,
    subprotocol: handshake.subprotocol,
  };
}

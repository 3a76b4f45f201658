import type { IncomingMessage } from "node:http";
import { readArrival } from "../../connections/entrance.ts";
import type { Gate } from "../../connections/gate.ts";
import { isRefused, refused } from "../../connections/refused.ts";
import type { Addresses, UpgradeAnswer } from "../../connections/upgrades.ts";
import type { ShownTokens } from "../../shown-tokens.ts";
import type { PhoenixDialects } from "./dialect.ts";
import { type PhoenixHandshake, readHandshake } from "./handshake.ts";

/** What the way in needs of its surroundings. */
export interface PhoenixEntranceContext {
  readonly gate: Gate;
  readonly dialects: PhoenixDialects;
  /** The connection's token among those that came. */
  readonly tokenOf: (shown: ShownTokens) => string | undefined;
}

/**
 * Lets a Phoenix client in, or not: its origin, token, sub-protocol and `vsn` are judged in
 * Phoenix's order, and then the application is asked. Never rejects.
 *
 * For long-polling, give it the request that opens a session. A connection that is made must keep
 * that very request as its own: the id that the application gave the client hangs on it.
 */
export type PhoenixEntrance = (
  request: IncomingMessage,
  transport: "websocket" | "longpoll",
) => Promise<UpgradeAnswer>;

/**
 * The first two are Tangram's plain address and phoenix.js's `new Socket("/websocket")`. The others
 * are served with a slash at the end, too; `/websocket/` is Tower's.
 */
const PATHS = [
  "/websocket",
  "/websocket/websocket",
  "/websocket/websocket/",
  "/socket/websocket",
  "/socket/websocket/",
];

/** The addresses at which phoenix.js connects over WebSocket. */
export function phoenixAddresses(enter: PhoenixEntrance): Addresses {
  return new Map(PATHS.map((path) => [path, { enter: (request) => enter(request, "websocket") }]));
}

/** Makes the way in for Phoenix clients. */
export function createPhoenixEntrance(context: PhoenixEntranceContext): PhoenixEntrance {
  const { gate, dialects, tokenOf } = context;
  return async (request, transport) => {
    const arrival = readArrival(gate, request);
    if (isRefused(arrival)) return arrival;
    const { params, query } = arrival;
    const handshake = read(request, transport, params["vsn"]);
    if (!handshake.ok) return refused(handshake.close);
    const { vsn, token, subprotocol } = handshake;
    const auth = token === undefined ? {} : { token };
    const shown = { auth, query: Object.fromEntries(query), headers: request.headers };
    const credentials = { dialect: "phoenix", params, token: tokenOf(shown) } as const;
    const refusal = await gate.ask(request, credentials);
    if (refusal !== undefined) return refusal;
    // A `vsn` says what the client speaks; without one its first frame tells.
    const dialect = vsn === undefined ? undefined : vsn === "1" ? dialects.v1 : dialects.v2;
    return { dialect, query, token, subprotocol };
  };
}

/** Over long-polling there are no sub-protocols; the token has a header of its own. */
function read(
  { headers }: IncomingMessage,
  transport: "websocket" | "longpoll",
  vsn: unknown,
): PhoenixHandshake {
  if (transport === "websocket") return readHandshake(vsn, headers["sec-websocket-protocol"]);
  const handshake = readHandshake(vsn, undefined);
  const token = headers["x-phoenix-authtoken"];
  return handshake.ok && typeof token === "string" ? { ...handshake, token } : handshake;
}

import type { IncomingMessage } from "node:http";
import { closes } from "../../codes.ts";
import type { Dialect } from "../../connections/dialect.ts";
import { readArrival } from "../../connections/entrance.ts";
import type { Gate } from "../../connections/gate.ts";
import { isRefused, type Refused } from "../../connections/refused.ts";
import type { Addresses, Farewell, UpgradeAnswer } from "../../connections/upgrades.ts";
import type { ShownTokens } from "../../shown-tokens.ts";
import { encodeError } from "./encoder.ts";

/** What the way in needs of its surroundings. */
export interface PlainEntranceContext {
  readonly gate: Gate;
  readonly dialect: Dialect;
  /** The connection's token among those that came. */
  readonly tokenOf: (shown: ShownTokens) => string | undefined;
}

const PATH = "/ws";
/** Codes from here on are an application's own, which every library passes on to its user. */
const FIRST_OWN_CODE = 4000;

/** The address at which plain clients connect. */
export function plainAddresses(context: PlainEntranceContext): Addresses {
  return new Map([[PATH, { enter: (request) => enter(request, context), farewell }]]);
}

async function enter(
  request: IncomingMessage,
  { gate, dialect, tokenOf }: PlainEntranceContext,
): Promise<UpgradeAnswer> {
  const arrival = readArrival(gate, request);
  if (isRefused(arrival)) return arrival;
  const { params, query } = arrival;
  const { headers } = request;
  const token = tokenOf({ auth: {}, query: Object.fromEntries(query), headers });
  const refusal = await gate.ask(request, { dialect: "plain", params, token });
  if (refusal !== undefined) return refusal;
  const [subprotocol] = headers["sec-websocket-protocol"]?.split(",") ?? [];
  return { dialect, query, token: undefined, subprotocol: subprotocol?.trim() };
}

/** A status of HTTP is out of these clients' sight, and Metafor's waits ten seconds for more. */
function farewell({ close, name }: Refused): Farewell {
  const { code, reason } = close;
  const shown = code < FIRST_OWN_CODE ? { ...closes.connect_busy, reason } : close;
  return { text: encodeError({ code: name, reason }), close: shown };
}

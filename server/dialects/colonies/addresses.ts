import type { IncomingMessage } from "node:http";
import type { Dialect } from "../../connections/dialect.ts";
import { readArrival } from "../../connections/entrance.ts";
import type { Gate } from "../../connections/gate.ts";
import { isRefused, type Refused } from "../../connections/refused.ts";
import type { Addresses, Farewell, UpgradeAnswer } from "../../connections/upgrades.ts";
import { encodeFailure } from "./wire/codec.ts";

/** What the way in needs of its surroundings. */
export interface ColoniesEntranceContext {
  readonly gate: Gate;
  readonly dialect: Dialect;
}

const PATH = "/pubsub";

/**
 * The address at which ColonyOS clients subscribe. Nobody shows anything there: each request is
 * signed.
 */
export function coloniesAddresses(context: ColoniesEntranceContext): Addresses {
  return new Map([[PATH, { enter: (request) => enter(request, context), farewell }]]);
}

async function enter(
  request: IncomingMessage,
  { gate, dialect }: ColoniesEntranceContext,
): Promise<UpgradeAnswer> {
  const arrival = readArrival(gate, request);
  if (isRefused(arrival)) return arrival;
  const { params, query } = arrival;
  const refusal = await gate.ask(request, { dialect: "colonies", params, token: undefined });
  if (refusal !== undefined) return refusal;
  return { dialect, query, token: undefined, subprotocol: undefined };
}

/** These clients hand on the text of an error frame, and nothing of an HTTP status or a close. */
function farewell({ status, text, close }: Refused): Farewell {
  return { text: encodeFailure({ status, message: text ?? close.reason }), close };
}

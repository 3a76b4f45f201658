import type { IncomingMessage } from "node:http";
import type { Gate } from "../../connections/gate.ts";
import { refused } from "../../connections/refused.ts";
import type { Address, Addresses, UpgradeAnswer } from "../../connections/upgrades.ts";
import type { RelayHeaders } from "./relay-header.ts";
import type { RelayLinks } from "./relay-links.ts";

/** What the way in for relays needs of its surroundings. */
export interface RelayEntranceContext {
  readonly gate: Gate;
  readonly headers: RelayHeaders;
  readonly links: RelayLinks;
}

/** The second is the name before AWX 22. */
const PATHS = ["/websocket/relay/", "/websocket/broadcast/"];
const LET_IN: UpgradeAnswer = {
  dialect: undefined,
  query: new Map(),
  token: undefined,
  subprotocol: undefined,
};

/** The addresses at which AWX's task nodes connect. */
export function relayAddresses({ gate, headers, links }: RelayEntranceContext): Addresses {
  const enter = async (request: IncomingMessage): Promise<UpgradeAnswer> => {
    const early = gate.checkOpen() ?? gate.checkOrigin(request);
    if (early !== undefined) return early;
    const isRight = headers.accept(request.headers["secret"]);
    return isRight ? LET_IN : refused("connect_unauthorized");
  };
  const serve: Address["serve"] = (request, stream, head) => links.open(request, stream, head);
  return new Map(PATHS.map((path) => [path, { enter, serve }]));
}

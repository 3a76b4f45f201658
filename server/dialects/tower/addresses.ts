import type { IncomingMessage } from "node:http";
import { absenceOf } from "../../connections/absence.ts";
import type { Dialect } from "../../connections/dialect.ts";
import { readArrival } from "../../connections/entrance.ts";
import type { Gate } from "../../connections/gate.ts";
import { isRefused, refused } from "../../connections/refused.ts";
import type { Address, Addresses, UpgradeAnswer } from "../../connections/upgrades.ts";
import type { Visitors } from "./visitors.ts";

/** What the way in needs of its surroundings. */
export interface TowerEntranceContext {
  readonly gate: Gate;
  readonly dialect: Dialect;
  readonly visitors: Visitors;
  /** Paths under which the addresses are served besides, such as `/awx`. */
  readonly prefixes: readonly string[];
}

/** What AWX says to those it does not let in. */
const ACCESS_DENIED = "Access denied";

/**
 * The addresses at which Tower clients connect, each with and without a slash at its end. Only
 * `/websocket` without one is Phoenix's.
 */
export function towerAddresses(context: TowerEntranceContext): Addresses {
  const address: Address = {
    enter: (request) => enter(request, context),
    forbidden: ACCESS_DENIED,
  };
  const paths = ["", ...context.prefixes].flatMap(pathsUnder);
  const addresses = new Map(paths.map((path) => [path, address] as const));
  addresses.delete("/websocket");
  return addresses;
}

/** `/api/awx/v2/websocket/` is AWX's address where its API has the prefix `awx`. */
function pathsUnder(prefix: string): string[] {
  const paths = [`${prefix}/websocket`, `${prefix}/api/websocket`];
  if (prefix !== "") paths.push(`/api${prefix}/v2/websocket`);
  return paths.flatMap((path) => [path, `${path}/`]);
}

/** Sub-protocols that a client offers are not looked at, and none is selected. */
async function enter(
  request: IncomingMessage,
  { gate, dialect, visitors }: TowerEntranceContext,
): Promise<UpgradeAnswer> {
  const arrival = readArrival(gate, request);
  if (isRefused(arrival)) return arrival;
  const { params, query } = arrival;
  // To identify it takes the application's time, too.
  const early = await gate.pass(absenceOf(request.socket));
  if (early !== undefined) return early;
  const visitor = await visitors.identify(request);
  // While the application was asked, the server may have begun to stop.
  const late = gate.checkOpen();
  if (late !== undefined) return late;
  if (visitor === undefined) return refused("connect_unauthorized");
  const { token } = visitor;
  const refusal = await gate.consult(request, { dialect: "tower", params, token });
  if (refusal !== undefined) return refusal;
  return { dialect, query, token: undefined, subprotocol: undefined };
}

import type { IncomingMessage } from "node:http";
import { readArrival } from "../../connections/entrance.ts";
import type { Asker } from "../../connections/event-stream.ts";
import type { Gate } from "../../connections/gate.ts";
import type { Params } from "../../connections/query.ts";
import { isRefused, refused } from "../../connections/refused.ts";
import type { UpgradeAnswer } from "../../connections/upgrades.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import type { ShownTokens } from "../../shown-tokens.ts";
import { decodeId, FINAL_ID } from "./codec.ts";
import { createEventsDialect } from "./dialect.ts";

/** What the way in needs of its surroundings. */
export interface EventsEntranceContext {
  readonly gate: Gate;
  readonly rooms: Rooms;
  /** The connection's token among those that came. */
  readonly tokenOf: (shown: ShownTokens) => string | undefined;
}

/**
 * Lets a client in that wants the events of a room, or not: its origin and query are judged, and
 * then the application is asked. Whether it may be in the room is found out by the join that
 * follows. Never rejects.
 *
 * @param room what the client calls the room
 * @param asker told of the reply to the join
 */
export type EventsEntrance = (
  request: IncomingMessage,
  room: string,
  asker: Asker,
) => Promise<UpgradeAnswer>;

const NO_CONTENT = 204;
/** What the query says to the server, and not to the room. */
const OWN_PARAMS: ReadonlySet<string> = new Set([
  "token",
  "userToken",
  "presence",
  "since",
  "epoch",
]);

/** Makes the way in for clients that follow a room's events. */
export function createEventsEntrance(context: EventsEntranceContext): EventsEntrance {
  const { gate, rooms, tokenOf } = context;
  return async (request, room, asker) => {
    const arrival = readArrival(gate, request);
    if (isRefused(arrival)) return arrival;
    const { params, query } = arrival;
    const { headers } = request;
    const lastId = readLastId(request);
    if (lastId === FINAL_ID) return refused("subscription_over", NO_CONTENT);
    const token = tokenOf({ auth: {}, query: Object.fromEntries(query), headers });
    const refusal = await gate.ask(request, { dialect: "events", params, token });
    if (refusal !== undefined) return refusal;
    const position = lastId === undefined ? readPosition(query) : decodeId(lastId);
    const wantsPresence = /^(?:1|true)$/.test(query.get("presence") ?? "");
    const joinParams = { ...paramsOfJoin(params), ...position };
    const wish = { rooms, room, params: joinParams, wantsPresence, asker };
    return { dialect: createEventsDialect(wish), query, token: undefined, subprotocol: undefined };
  };
}

/** An empty one is none. */
function readLastId({ headers }: IncomingMessage): string | undefined {
  const id = headers["last-event-id"];
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** What a page says that has no EventSource to say it: it has been loaded anew, for instance. */
function readPosition(query: ReadonlyMap<string, string>): object {
  const since = query.get("since");
  if (since === undefined) return {};
  const number = /^\d{1,15}$/.test(since) ? Number(since) : since;
  return { since: number, epoch: query.get("epoch") };
}

function paramsOfJoin(params: Params): object {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !OWN_PARAMS.has(name)));
}

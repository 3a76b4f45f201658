import { hostname } from "node:os";
import { randomId } from "../auth/random-id.ts";
import type { Options } from "../options.ts";
import { Replication } from "../presence/replication.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Base, Place } from "./base.ts";

/** Tells other nodes, and backends that ask, who is present. */
export interface SharedPresence {
  /** Begins to tell other nodes, before the way to them is open. */
  start(): void;
  /** Resolves once the other nodes are known, or after a short wait; then backends may ask. */
  ready(): Promise<void>;
  /** Says goodbye to the other nodes. Harmless when repeated. */
  stop(): void;
}

/** How long a start waits for what other nodes have to say. */
const PATIENCE_MS = 1000;
/** Longest time that changes are gathered for other nodes. */
const MAX_WINDOW_MS = 50;

/** Makes presence one for all nodes, if there can be others. */
export function createPresence(
  { settings, clock, counters, problem, scaleOut }: Base,
  rooms: Rooms,
  place: Place,
): SharedPresence {
  const { presenceTimeoutMs: timeoutMs, presenceWindowMs } = settings.limits;
  const link = scaleOut.presenceLink;
  const replication =
    link &&
    new Replication({
      link,
      presences: rooms.memberships.presences,
      clock,
      timeoutMs,
      windowMs: Math.min(presenceWindowMs, MAX_WINDOW_MS),
      randomId,
      onRefused: () => {
        counters.presenceMessagesRefused += 1;
        problem("presence message of another node not understood", {});
      },
      onProblem: problem,
    });
  return {
    start: () => replication?.start(nodeName(settings, place)),
    ready: async () => {
      await replication?.ready(PATIENCE_MS);
      scaleOut.answerPresence((room) => rooms.tracking.list(rooms.roomOf(room)), clock);
    },
    stop: () => replication?.stop(),
  };
}

/** Stays the same after a restart, where the port does. */
function nodeName({ node, port }: Options, { server }: Place): string {
  if (node !== undefined) return node;
  const address = server?.address();
  const ownPort = typeof address === "object" && address !== null ? address.port : port;
  const isKnown = server === undefined ? port !== 0 : server.listening;
  return `${hostname()}:${isKnown ? ownPort : randomId()}`;
}

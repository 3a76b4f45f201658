import type { Server, Socket } from "socket.io";
import type { Clock } from "../../clock.ts";
import type { Limits } from "../../options.ts";
import type { LogStore, LogStoreContext } from "./log-store.ts";
import { createDeliver, RoomLogs, type RoomLogsContext } from "./room-logs.ts";

/** What logs need of the server around the rooms. */
export interface LogsContext {
  readonly io: Server;
  readonly limits: Limits;
  readonly clock: Clock;
  /** A new random name, short enough to be part of others. */
  readonly randomId: () => string;
  /** Makes the logs: in memory, or over Redis. */
  readonly createLogs: (context: LogStoreContext) => LogStore;
  /** How many bytes a connection can take without being too slow a reader. */
  readonly spareBytes: (socket: Socket) => number;
  /** Told of what could not be logged, and so has reached nobody. */
  readonly onUnlogged: RoomLogsContext["onLost"];
}

/** What logs need of the rooms themselves. */
export type RoomsOfLogs = Pick<LogStoreContext, "settingsOf" | "onForgotten"> &
  Pick<RoomLogsContext, "intercept">;

/** Makes the logs of a node's rooms. */
export function createRoomLogs(context: LogsContext, rooms: RoomsOfLogs): RoomLogs {
  const { io, limits, clock, randomId, createLogs, spareBytes, onUnlogged } = context;
  const { intercept, ...known } = rooms;
  const { adapter } = io.sockets;
  const hasMembers = (room: string): boolean => adapter.rooms.has(room);
  const deliver = createDeliver(adapter);
  return new RoomLogs({
    store: createLogs({ ...known, hasMembers, deliver, limits, clock, randomId }),
    keeps: (room) => known.settingsOf(room) !== undefined,
    spareBytes: ({ peer }) => spareBytes(peer.socket),
    intercept,
    onLost: onUnlogged,
  });
}

import type { Server } from "socket.io";
import type { RedisStatus } from "./bus/redis.ts";
import type { ScaleOut } from "./bus/scale-out.ts";
import type { Clock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import type { Rooms } from "./rooms/rooms.ts";

/** What a node says of itself. `GET /health` answers it. */
export interface Status {
  /** `degraded` while Redis is configured and not reachable; local rooms go on. */
  readonly status: "ok" | "degraded";
  readonly redis: "off" | RedisStatus;
  /** Open connections of every dialect. */
  readonly connections: number;
  /** Rooms that have members on this node. */
  readonly rooms: number;
  readonly uptimeSecs: number;
  /** The number of the worker process that tells it, where there are several. */
  readonly worker?: number;
  readonly counters: Counters;
}

/** The parts of a node that a status tells of. */
export interface StatusSources {
  readonly io: Server;
  readonly rooms: Rooms;
  readonly scaleOut: ScaleOut;
  readonly counters: Counters;
  readonly clock: Clock;
  /** This process's number among several workers. */
  readonly worker: number | undefined;
}

/** Makes a function that tells a node's status; its uptime counts from now. */
export function statusReader({
  io,
  rooms,
  scaleOut,
  counters,
  clock,
  worker,
}: StatusSources): () => Status {
  const startedAtMs = clock.now();
  return () => {
    const redis = scaleOut.status();
    return {
      status: redis === "off" || redis === "up" ? "ok" : "degraded",
      redis,
      connections: io.sockets.sockets.size,
      rooms: rooms.memberships.size,
      ...(worker !== undefined && { worker }),
      uptimeSecs: Math.floor((clock.now() - startedAtMs) / 1000),
      counters,
    };
  };
}

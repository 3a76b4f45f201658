import type { RedisStatus } from "./bus/redis.ts";
import type { Counters } from "./counters.ts";

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
  readonly counters: Counters;
}

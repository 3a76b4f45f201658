import { Adapter } from "socket.io-adapter";
import type { Clock } from "../clock.ts";
import type { Counters } from "../counters.ts";
import type { PresenceLink } from "../presence/link.ts";
import { MemoryRecords } from "../records/memory-records.ts";
import type { RecordStore } from "../records/record-store.ts";
import { type Backends, noBackends } from "../rooms/backends.ts";
import type { LogStore, LogStoreContext } from "../rooms/log/log-store.ts";
import { MemoryLogs } from "../rooms/log/memory-logs.ts";
import type { PresenceState } from "../rooms/presence.ts";
import { createRedisAdapter } from "./adapter.ts";
import { Bus, type BusRooms } from "./bus.ts";
import { RedisPresenceLink } from "./presence-link.ts";
import { PresenceQueries } from "./presence-query.ts";
import { Redis, type RedisStatus } from "./redis.ts";
import { RedisRecords } from "./redis-records.ts";
import { StreamLogs } from "./stream-logs.ts";

/** What shared records need of their surroundings. */
export interface RecordsContext {
  readonly clock: Clock;
  /** Told of what a listener threw. */
  readonly onCrash: (error: unknown) => void;
}

/** What joins this node to backends and to other nodes: Redis, or nothing. */
export interface ScaleOut {
  readonly backends: Backends;
  /** Makes the Socket.IO adapter of a namespace. */
  readonly createAdapter: (namespace: unknown) => Adapter;
  /** Makes the logs of the rooms. Called once. */
  readonly createLogs: (context: LogStoreContext) => LogStore;
  /** Makes the records that all nodes share. Called at most once, before the start. */
  readonly createRecords: (context: RecordsContext) => RecordStore;
  /** How nodes tell each other who is present; undefined where there is one node. */
  readonly presenceLink: PresenceLink | undefined;
  /** Answers backends from now on that ask who is in a room, by any of its names. Called once. */
  answerPresence(list: (room: string) => Promise<PresenceState>, clock: Clock): void;
  /** Whether Redis is used, and can be reached now. */
  status(): "off" | RedisStatus;
  /**
   * Starts to connect and to listen. Returns once Redis is reachable, or after a short wait.
   *
   * @param rooms get what backends send
   */
  start(rooms: BusRooms): Promise<void>;
  /** Closes all connections to Redis. Harmless when repeated. */
  stop(): Promise<void>;
}

/** What a scale-out over Redis needs of its surroundings. */
export interface ScaleOutContext {
  readonly counters: Counters;
  readonly onStatus: (status: RedisStatus, reason: string) => void;
  /** Told of what could not be sent or understood. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** How long a start waits for Redis before it goes on without. */
const PATIENCE_MS = 2000;

/** One node, in memory: no backends and no other nodes. */
export function inMemory(): ScaleOut {
  return {
    backends: noBackends,
    createAdapter: (namespace) => new Adapter(namespace),
    createLogs: (context) => new MemoryLogs(context),
    createRecords: (context) => new MemoryRecords(context),
    presenceLink: undefined,
    answerPresence: () => {},
    status: () => "off",
    start: async () => {},
    stop: async () => {},
  };
}

/** Backends and other nodes on the Redis at `url`. */
export function overRedis(url: string, context: ScaleOutContext): ScaleOut {
  const redis = new Redis({ url, onStatus: context.onStatus });
  const bus = new Bus({ ...context, redis });
  const { counters, onProblem } = context;
  let logs: StreamLogs | undefined;
  let records: RedisRecords | undefined;
  return {
    backends: bus,
    createAdapter: createRedisAdapter({ ...context, redis }),
    createLogs: (logContext) => {
      logs = new StreamLogs(logContext, { redis, onProblem: context.onProblem });
      return logs;
    },
    createRecords: ({ onCrash }) => {
      records = new RedisRecords({ redis, onProblem: context.onProblem, onCrash });
      return records;
    },
    presenceLink: new RedisPresenceLink({
      redis,
      onLost: () => {
        counters.presenceMessagesLost += 1;
      },
      onProblem,
    }),
    answerPresence: (list, clock) => {
      const onRefused = (): void => {
        counters.presenceMessagesRefused += 1;
        onProblem("presence query not understood", "presence:*");
      };
      new PresenceQueries({ redis, clock, list, onRefused, onProblem }).listen();
    },
    status: () => redis.status,
    start: async (rooms) => {
      bus.listen(rooms);
      logs?.listen();
      records?.listen();
      await redis.start(PATIENCE_MS);
      await logs?.ready();
    },
    stop: () => redis.stop(),
  };
}

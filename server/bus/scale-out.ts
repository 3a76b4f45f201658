import { Adapter } from "socket.io-adapter";
import { type Clock, systemClock } from "../clock.ts";
import type { Counters } from "../counters.ts";
import type { PresenceLink } from "../presence/link.ts";
import { MemoryRecords } from "../records/memory-records.ts";
import type { RecordStore } from "../records/record-store.ts";
import { type Backends, noBackends } from "../rooms/backends.ts";
import type { LogStore, LogStoreContext } from "../rooms/log/log-store.ts";
import { MemoryLogs } from "../rooms/log/memory-logs.ts";
import type { PresenceState } from "../rooms/presence.ts";
import { type AdapterKind, Adapters } from "./adapters.ts";
import { Bus, type BusRooms } from "./bus.ts";
import type { Subscribe } from "./bus-patterns.ts";
import type { CanaryTimes } from "./canary.ts";
import { Losses } from "./losses.ts";
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

/** How this node uses Redis. */
export interface RedisOptions {
  /** How nodes reach each other's members. Default: `auto`. */
  readonly adapter?: AdapterKind;
  /** Whether a node hears backends for the rooms that have members on it, or for all. Default: `rooms`. */
  readonly subscribe?: Subscribe;
  /** Largest message that is read, of a backend or another node, in bytes. Default: 4 MiB. */
  readonly maxMessageBytes?: number;
  /** How soon it is noticed that Redis is silent. */
  readonly canary?: CanaryTimes;
}

/** What a scale-out over Redis needs of its surroundings. */
export interface ScaleOutContext extends RedisOptions {
  /** What the nodes share and nobody else. Default: the password in the address, or one that they agree on. */
  readonly secret?: string | undefined;
  readonly counters: Counters;
  readonly clock?: Clock;
  readonly onStatus: (status: RedisStatus, reason: string) => void;
  /** Told of what could not be sent or understood. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** How long a start waits for Redis before it goes on without. */
const PATIENCE_MS = 2000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A stranger's channel may be as long as it likes. */
const MAX_SHOWN_CHANNEL = 100;

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
export function overRedis(url: string, given: ScaleOutContext): ScaleOut {
  const context = withDefaults(given);
  const { counters, onProblem, maxMessageBytes, clock } = context;
  const redis = createRedis(url, context);
  const bus = new Bus({ ...context, redis, hear: (room) => adapters.hear(room) });
  const losses = new Losses({ ...context, redis });
  const adapters = new Adapters({
    ...context,
    redis,
    kind: context.adapter,
    source: bus,
    onLost: (rooms) => losses.note(rooms),
    onLate: (room) => late(room),
  });
  let late = (_room: string): void => {};
  let logs: StreamLogs | undefined;
  let records: RedisRecords | undefined;
  return {
    backends: bus,
    createAdapter: (namespace) => adapters.create(namespace),
    createLogs: (logContext) => {
      const onRefused = (): void => {
        counters.logMessagesRefused += 1;
      };
      const onLogger = (isLogger: boolean): void => bus.setLogger(isLogger);
      const surroundings = { redis, maxMessageBytes, onRefused, onLogger, onProblem };
      logs = new StreamLogs(logContext, surroundings);
      return logs;
    },
    createRecords: ({ onCrash }) => {
      const onRefused = (): void => {
        counters.recordMessagesRefused += 1;
      };
      records = new RedisRecords({ redis, onRefused, onProblem, onCrash });
      return records;
    },
    presenceLink: new RedisPresenceLink({
      redis,
      onLost: () => {
        counters.presenceMessagesLost += 1;
      },
      onProblem,
    }),
    answerPresence: (list, queryClock) => {
      const onRefused = (): void => {
        counters.presenceMessagesRefused += 1;
        onProblem("presence query not understood", "presence:*");
      };
      new PresenceQueries({ redis, clock: queryClock, list, onRefused, onProblem }).listen();
    },
    status: () => redis.status,
    start: async (rooms) => {
      bus.listen(rooms);
      losses.listen((broadcasts) => rooms.lost(broadcasts));
      late = (room) => rooms.lost({ rooms: [room], lastMs: clock.now() });
      records?.listen();
      redis.onComeback(({ hasMissed }) => {
        if (hasMissed) rooms.interrupted();
      });
      await redis.start(PATIENCE_MS);
      await logs?.ready();
    },
    stop: async () => {
      adapters.stop();
      losses.stop();
      await logs?.stop();
      await redis.stop();
    },
  };
}

function withDefaults(given: ScaleOutContext) {
  return {
    adapter: "auto" as AdapterKind,
    subscribe: "rooms" as Subscribe,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    clock: systemClock,
    ...given,
    onProblem: (problem: string, channel: string): void =>
      given.onProblem(problem, channel.slice(0, MAX_SHOWN_CHANNEL)),
  };
}

function createRedis(url: string, context: ReturnType<typeof withDefaults>): Redis {
  const { adapter, canary, counters, clock, secret, onStatus, onProblem } = context;
  return new Redis({
    url,
    clock,
    secret,
    sharding: adapter === "sharded" ? "on" : "auto",
    ...(canary !== undefined && { canary }),
    onStatus,
    onLost: () => {
      counters.redisLosses += 1;
    },
    onSilence: () => {
      counters.redisSilences += 1;
    },
    onRefused: (channel) => {
      counters.canaryMessagesRefused += 1;
      onProblem("canary message not understood", channel);
    },
    onProblem,
  });
}

import type { Eventual } from "../eventual.ts";
import type { Draft } from "../rooms/log/entry.ts";
import type { LogSettings } from "../rooms/log/log-settings.ts";
import type {
  Appended,
  Audience,
  LogStore,
  LogStoreContext,
  Page,
} from "../rooms/log/log-store.ts";
import { LogFeed } from "./log-feed.ts";
import { LogLease } from "./log-lease.ts";
import {
  decodeLogMessage,
  decodePage,
  encodeHead,
  encodeLogPayload,
  entryOf,
  type StoredPage,
} from "./log-message.ts";
import {
  APPEND_SCRIPT,
  FORGET_SCRIPT,
  KEEP_SCRIPT,
  LEASE_CHANNEL,
  LEASE_SCRIPT,
  LOG_CHANNEL,
  logChannel,
  logKeys,
  READ_SCRIPT,
  RELEASE_SCRIPT,
} from "./log-scripts.ts";
import { placeWord } from "./log-seal.ts";
import type { Redis } from "./redis.ts";
import { Scripts } from "./scripts.ts";
import type { Topic } from "./subscriptions.ts";

/** What logs in Redis need besides. */
export interface StreamLogsContext {
  readonly redis: Redis;
  /** Largest message that is read. */
  readonly maxMessageBytes?: number;
  /** Told of each message that was not understood. */
  readonly onRefused?: () => void;
  /** Told, again and again, whether this node logs what all nodes get. */
  readonly onLogger?: (isLogger: boolean) => void;
  /** Told of what was not understood. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** A room's feed, and what it hears. */
interface OpenFeed {
  readonly feed: LogFeed;
  readonly topic: Topic;
  /** Resolves once what is logged is heard. */
  readonly isHeard: Eventual<void>;
  /** Whether nobody needed it lately. */
  isIdle: boolean;
}

/** A log's epoch and offset outlive its entries, and as long as its room has members. */
const MIN_STATE_MS = 60_000;
const KEEP_EVERY_MS = 20_000;
/** A feed whose room is without members for a whole such time is closed. */
const SWEEP_EVERY_MS = 5000;
const ALL = Number.MAX_SAFE_INTEGER;
/** Of a word with its seal. */
const MAX_LEASE_WORD_BYTES = 150;
/** Entries of a log that refuses have no life of their own. */
const NO_TTL_MS = Number.MAX_SAFE_INTEGER;
const UNKNOWN: LogSettings = { size: 1, ttlMs: MIN_STATE_MS, whenFull: "trim" };
/** What the script of appending answers. */
const LOGGED = 1;
const FULL = 2;
/** What a node answers that cannot know who logs a message. */
const NOBODY_LOGS: Appended = { ok: false, reason: "unavailable" };
/** What the node answers that leaves the logging of a message to another. */
const LEFT_TO_ANOTHER: Appended = { ok: true, offset: 0, isRepeated: true };

/**
 * The logs of all rooms of all nodes, in Redis streams. A message is appended and published in one
 * step; every node, also the one it comes from, delivers it by its offset.
 */
export class StreamLogs implements LogStore {
  readonly #context: LogStoreContext;
  readonly #redis: Redis;
  readonly #surroundings: StreamLogsContext;
  readonly #scripts: Scripts;
  readonly #lease: LogLease;
  /** Of the rooms that have members here, or will. */
  readonly #feeds = new Map<string, OpenFeed>();
  readonly #timers: readonly (() => void)[];

  constructor(context: LogStoreContext, surroundings: StreamLogsContext) {
    const { redis, onLogger = () => {} } = surroundings;
    const { clock } = context;
    this.#context = context;
    this.#redis = redis;
    this.#surroundings = surroundings;
    this.#scripts = new Scripts(redis, [
      APPEND_SCRIPT,
      READ_SCRIPT,
      KEEP_SCRIPT,
      FORGET_SCRIPT,
      LEASE_SCRIPT,
      RELEASE_SCRIPT,
    ]);
    const holder = context.randomId();
    const scripts = this.#scripts;
    this.#lease = new LogLease({ holder, redis, scripts, clock, onRenewed: onLogger });
    this.#timers = [
      clock.every(KEEP_EVERY_MS, () => this.#keep()),
      clock.every(SWEEP_EVERY_MS, () => this.#sweep()),
    ];
    const listener = (message: Buffer): void => this.#hearOfLease(message);
    void redis.subscriptions.add({ kind: "channel", name: LEASE_CHANNEL, listener });
    redis.onComeback(() => {
      void this.#lease.settle();
      this.#catchUp();
    });
  }

  /** Resolves once it is known who logs what all nodes get. */
  ready(): Promise<void> {
    return this.#lease.settle();
  }

  async append(room: string, draft: Draft, audience: Audience): Promise<Appended> {
    let leaseUntilMs: number | undefined;
    if (audience.isEverywhere) {
      const claim = this.#lease.claim();
      leaseUntilMs = claim instanceof Promise ? await claim : claim;
      if (leaseUntilMs === undefined) return LEFT_TO_ANOTHER;
      // Connected again, but it is not known yet to what.
      if (this.#redis.status !== "up") return NOBODY_LOGS;
    }
    const atMs = this.#context.clock.now();
    const except = [...audience.except];
    let reply: unknown;
    try {
      reply = await this.#append(room, draft, except, atMs, leaseUntilMs);
    } catch {
      return { ok: false, reason: "unavailable" };
    }
    const [result, offset, epoch, repeated] = reply as [number, number, Buffer, number];
    if (result === FULL) return { ok: false, reason: "full" };
    if (result !== LOGGED) return this.#lease.isCertain ? LEFT_TO_ANOTHER : NOBODY_LOGS;
    const isRepeated = repeated === 1;
    const feed = this.#feeds.get(room)?.feed;
    if (!isRepeated) feed?.offer(String(epoch), { ...entryOf(draft, offset, atMs), except }, true);
    await feed?.reached(offset);
    return { ok: true, offset, isRepeated };
  }

  async open<Result>(
    room: string,
    after: number | undefined,
    use: (page: Page) => Eventual<Result>,
  ): Promise<Result | undefined> {
    const epoch = this.#context.randomId();
    const { feed, isHeard } = this.#open(room);
    const read = async (from: number | undefined): Promise<StoredPage | undefined> => {
      // What is logged from now on is heard, so that nothing is between the page and that.
      await isHeard;
      return this.#read(room, from, ALL, epoch);
    };
    return feed.open(after, read, use);
  }

  async read(room: string, after: number, limit: number): Promise<Page | undefined> {
    for (let from = after; ; ) {
      const page = await this.#read(room, from, limit, "");
      if (page?.end === undefined || page.entries.length > 0) return page;
      // Nothing on it could be read. A page without entries would say that nothing follows.
      from = page.end;
    }
  }

  /** Where Redis cannot be reached that is reported, and the log ends by its own time. */
  async forget(room: string, afterMs: number): Promise<void> {
    const { stream, state, numbers } = logKeys(room);
    const life = String(Math.max(0, Math.ceil(afterMs)));
    try {
      await this.#scripts.run(FORGET_SCRIPT, [stream, state, numbers], [life]);
    } catch {
      if (this.#redis.isStopped) return;
      this.#surroundings.onProblem("log not forgotten, Redis is not reachable", LOG_CHANNEL);
    }
  }

  /** Resolves once another node logs what all get, or soon. Until then Redis is needed. */
  stop(): Promise<void> {
    for (const stopTimer of this.#timers) stopTimer();
    return this.#lease.stop();
  }

  #append(
    room: string,
    draft: Draft,
    except: readonly string[],
    atMs: number,
    leaseUntilMs: number | undefined,
  ): Promise<unknown> {
    const { randomId, limits } = this.#context;
    const { stream, state, numbers } = logKeys(room);
    const { size, ttlMs, whenFull, maxBytes = limits.maxLogBytes } = this.#settings(room);
    const [head, payload] = [encodeHead(draft, except), encodeLogPayload(draft.payload)];
    const { sender = "", sequence } = draft;
    const values = [
      randomId(),
      String(size),
      String(ttlMs),
      String(maxBytes),
      String(atMs),
      sequence === undefined ? "" : `${sequence} ${sender}`,
      leaseUntilMs === undefined ? "" : String(leaseUntilMs),
      head,
      payload,
      JSON.stringify(room),
      logChannel(room),
      stateLifeMs(ttlMs),
      whenFull === "refuse" ? "1" : "",
      placeWord(this.#redis.seal, room, head, payload),
    ];
    return this.#scripts.run(APPEND_SCRIPT, [stream, state, numbers], values);
  }

  /** @param epoch of the log if it begins; nothing to leave a log that has not begun */
  async #read(
    room: string,
    after: number | undefined,
    limit: number,
    epoch: string,
  ): Promise<StoredPage | undefined> {
    const { stream, state, numbers } = logKeys(room);
    const { ttlMs, whenFull } = this.#settings(room);
    const values = [
      epoch,
      after === undefined ? "" : String(after),
      String(limit),
      String(this.#context.clock.now()),
      String(whenFull === "refuse" ? NO_TTL_MS : ttlMs),
      stateLifeMs(ttlMs),
    ];
    try {
      const reply = await this.#scripts.run(READ_SCRIPT, [stream, state, numbers], values);
      return decodePage(reply, () => this.#refuse(LOG_CHANNEL));
    } catch {
      return undefined;
    }
  }

  #settings(room: string): LogSettings {
    return this.#context.settingsOf(room) ?? UNKNOWN;
  }

  #open(room: string): OpenFeed {
    const known = this.#feeds.get(room);
    if (known !== undefined) {
      known.isIdle = false;
      return known;
    }
    const feed = new LogFeed({
      read: (after) => this.#read(room, after, ALL, ""),
      deliver: (entry) => this.#context.deliver(room, entry, entry.except),
      onLost: () => this.#context.onForgotten?.(room),
    });
    const listener = (message: Buffer): void => this.#hear(room, feed, message);
    const topic: Topic = { kind: "channel", name: logChannel(room), listener };
    const isHeard = this.#redis.subscriptions.add(topic);
    const opened: OpenFeed = { feed, topic, isHeard, isIdle: false };
    this.#feeds.set(room, opened);
    return opened;
  }

  #hear(room: string, feed: LogFeed, message: Buffer): void {
    const { maxMessageBytes = Number.POSITIVE_INFINITY } = this.#surroundings;
    try {
      if (message.length > maxMessageBytes) throw new Error("too large");
      const heard = decodeLogMessage(message, this.#redis.seal);
      if (heard.room !== room) throw new Error("of another room");
      feed.offer(heard.epoch, heard.entry);
    } catch {
      this.#refuse(LOG_CHANNEL);
    }
  }

  #hearOfLease(message: Buffer): void {
    const isShort = message.length <= MAX_LEASE_WORD_BYTES;
    const word = isShort ? this.#redis.seal.open(LEASE_CHANNEL, message) : undefined;
    if (word === undefined || !this.#lease.hear(String(word))) this.#refuse(LEASE_CHANNEL);
  }

  #refuse(channel: string): void {
    const { onRefused, onProblem } = this.#surroundings;
    onRefused?.();
    onProblem("log message not understood", channel);
  }

  /** Closes feeds that nobody has needed since the last time. */
  #sweep(): void {
    for (const [room, opened] of this.#feeds) {
      const { feed, topic, isIdle } = opened;
      opened.isIdle = feed.isIdle && !this.#context.hasMembers(room);
      if (!isIdle || !opened.isIdle) continue;
      this.#feeds.delete(room);
      this.#redis.subscriptions.remove(topic);
      feed.close();
    }
  }

  /** After a while without Redis: nobody knows what was not heard. */
  #catchUp(): void {
    for (const { feed } of this.#feeds.values()) void feed.catchUp();
  }

  #keep(): void {
    for (const [room, { isIdle }] of this.#feeds) {
      if (isIdle) continue;
      const { stream, state } = logKeys(room);
      const life = stateLifeMs(this.#settings(room).ttlMs);
      this.#scripts.run(KEEP_SCRIPT, [stream, state], [life]).catch(() => {
        // Redis is away, which its status tells.
      });
    }
  }
}

function stateLifeMs(ttlMs: number): string {
  return String(Math.max(ttlMs, MIN_STATE_MS));
}

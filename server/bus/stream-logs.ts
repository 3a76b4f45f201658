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
  type StoredEntry,
} from "./log-message.ts";
import {
  APPEND_SCRIPT,
  FORGET_SCRIPT,
  KEEP_SCRIPT,
  LEASE_KEY,
  LEASE_SCRIPT,
  LOG_CHANNEL,
  logKeys,
  READ_SCRIPT,
  RELEASE_SCRIPT,
} from "./log-scripts.ts";
import type { Redis } from "./redis.ts";
import { Scripts } from "./scripts.ts";

/** What logs in Redis need besides. */
export interface StreamLogsContext {
  readonly redis: Redis;
  /** Told of what was not understood. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** A log's epoch and offset outlive its entries, and as long as its room has members. */
const MIN_STATE_MS = 60_000;
const KEEP_EVERY_MS = 20_000;
const ALL = Number.MAX_SAFE_INTEGER;
/** Entries of a log that refuses have no life of their own. */
const NO_TTL_MS = Number.MAX_SAFE_INTEGER;
const UNKNOWN: LogSettings = { size: 1, ttlMs: MIN_STATE_MS, whenFull: "trim" };
/** What the script of appending answers. */
const LOGGED = 1;
const FULL = 2;
/** What the node answers that leaves the logging of a message to another. */
const LEFT_TO_ANOTHER: Appended = { ok: true, offset: 0, isRepeated: true };

/**
 * The logs of all rooms of all nodes, in Redis streams. A message is appended and published in one
 * step; every node, also the one it comes from, delivers it by its offset.
 */
export class StreamLogs implements LogStore {
  readonly #context: LogStoreContext;
  readonly #redis: Redis;
  readonly #onProblem: StreamLogsContext["onProblem"];
  readonly #scripts: Scripts;
  readonly #lease: LogLease;
  /** Of the rooms that have members here, or will. */
  readonly #feeds = new Map<string, LogFeed>();
  readonly #stopKeeping: () => void;

  constructor(context: LogStoreContext, { redis, onProblem }: StreamLogsContext) {
    this.#context = context;
    this.#redis = redis;
    this.#onProblem = onProblem;
    this.#scripts = new Scripts(redis, [
      APPEND_SCRIPT,
      READ_SCRIPT,
      KEEP_SCRIPT,
      FORGET_SCRIPT,
      LEASE_SCRIPT,
      RELEASE_SCRIPT,
    ]);
    this.#lease = new LogLease(context.randomId(), this.#scripts, context.clock);
    this.#stopKeeping = context.clock.every(KEEP_EVERY_MS, () => this.#keep());
    redis.publisher.on("ready", () => void this.#lease.renew());
    for (const client of [redis.publisher, redis.subscriber]) {
      client.on("ready", () => this.#catchUp());
    }
  }

  /** Hears what is logged, now and after each reconnect. */
  listen(): void {
    const listener = (message: Buffer): void => this.#hear(message);
    this.#redis.subscriber.subscribe(LOG_CHANNEL, listener, true).catch((error: unknown) => {
      if (!this.#redis.isStopped) this.#onProblem(String(error), LOG_CHANNEL);
    });
  }

  /** Resolves once it is known who logs what all nodes get. */
  ready(): Promise<void> {
    return this.#lease.renew();
  }

  async append(room: string, draft: Draft, audience: Audience): Promise<Appended> {
    if (audience.isEverywhere && !this.#lease.isHeld) return LEFT_TO_ANOTHER;
    const atMs = this.#context.clock.now();
    const except = [...audience.except];
    let reply: unknown;
    try {
      reply = await this.#append(room, draft, except, atMs, audience.isEverywhere);
    } catch {
      return { ok: false, reason: "unavailable" };
    }
    const [result, offset, epoch, repeated] = reply as [number, number, Buffer, number];
    if (result === FULL) return { ok: false, reason: "full" };
    if (result !== LOGGED) return LEFT_TO_ANOTHER;
    const isRepeated = repeated === 1;
    const feed = this.#feeds.get(room);
    if (!isRepeated) feed?.offer(String(epoch), { ...entryOf(draft, offset, atMs), except });
    await feed?.reached(offset);
    return { ok: true, offset, isRepeated };
  }

  async open<Result>(
    room: string,
    after: number | undefined,
    use: (page: Page) => Eventual<Result>,
  ): Promise<Result | undefined> {
    const epoch = this.#context.randomId();
    return this.#feed(room).open(after, (from) => this.#read(room, from, ALL, epoch), use);
  }

  read(room: string, after: number, limit: number): Promise<Page | undefined> {
    return this.#read(room, after, limit, "");
  }

  /** Where Redis cannot be reached that is reported, and the log ends by its own time. */
  async forget(room: string, afterMs: number): Promise<void> {
    const { stream, state, numbers } = logKeys(room);
    const life = String(Math.max(0, Math.ceil(afterMs)));
    try {
      await this.#scripts.run(FORGET_SCRIPT, [stream, state, numbers], [life]);
    } catch {
      if (!this.#redis.isStopped)
        this.#onProblem("log not forgotten, Redis is not reachable", LOG_CHANNEL);
    }
  }

  stop(): void {
    this.#stopKeeping();
    this.#lease.stop();
  }

  #append(
    room: string,
    draft: Draft,
    except: readonly string[],
    atMs: number,
    isLeased: boolean,
  ): Promise<unknown> {
    const { randomId, limits } = this.#context;
    const { stream, state, numbers } = logKeys(room);
    const { size, ttlMs, whenFull, maxBytes = limits.maxLogBytes } = this.#settings(room);
    const { sender = "", sequence } = draft;
    const values = [
      randomId(),
      String(size),
      String(ttlMs),
      String(maxBytes),
      String(atMs),
      sequence === undefined ? "" : `${sequence} ${sender}`,
      isLeased ? this.#lease.holder : "",
      encodeHead(draft, except),
      encodeLogPayload(draft.payload),
      JSON.stringify(room),
      LOG_CHANNEL,
      stateLifeMs(ttlMs),
      whenFull === "refuse" ? "1" : "",
    ];
    return this.#scripts.run(APPEND_SCRIPT, [stream, state, numbers, LEASE_KEY], values);
  }

  /** @param epoch of the log if it begins; nothing to leave a log that has not begun */
  async #read(room: string, after: number | undefined, limit: number, epoch: string) {
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
      return decodePage(await this.#scripts.run(READ_SCRIPT, [stream, state, numbers], values));
    } catch {
      return undefined;
    }
  }

  #settings(room: string): LogSettings {
    return this.#context.settingsOf(room) ?? UNKNOWN;
  }

  #feed(room: string): LogFeed {
    const known = this.#feeds.get(room);
    if (known !== undefined) return known;
    const feed = new LogFeed({
      read: (after) => this.#read(room, after, ALL, ""),
      deliver: (entry) => this.#context.deliver(room, entry, entry.except),
    });
    this.#feeds.set(room, feed);
    return feed;
  }

  #hear(message: Buffer): void {
    let heard: { readonly room: string; readonly epoch: string; readonly entry: StoredEntry };
    try {
      heard = decodeLogMessage(message);
    } catch (error) {
      this.#onProblem(`log message not understood: ${String(error)}`, LOG_CHANNEL);
      return;
    }
    const { room, epoch, entry } = heard;
    if (!this.#isFed(room)) return;
    this.#feeds.get(room)?.offer(epoch, entry);
  }

  /** Whether anybody here is to get a room's log. A feed that nobody needs is forgotten. */
  #isFed(room: string): boolean {
    const feed = this.#feeds.get(room);
    if (feed === undefined) return false;
    if (!feed.isIdle || this.#context.hasMembers(room)) return true;
    this.#feeds.delete(room);
    feed.close();
    return false;
  }

  /** After a while without Redis: nobody knows what was not heard. */
  #catchUp(): void {
    for (const feed of this.#feeds.values()) void feed.catchUp();
  }

  #keep(): void {
    for (const room of [...this.#feeds.keys()]) {
      if (!this.#isFed(room)) continue;
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

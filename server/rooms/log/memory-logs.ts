import type { Eventual } from "../../eventual.ts";
import type { Draft } from "./entry.ts";
import type { Appended, Audience, LogStore, LogStoreContext, Page } from "./log-store.ts";
import { MemoryLog } from "./memory-log.ts";

const SWEEP_EVERY_MS = 5000;

/**
 * The logs of one node's rooms, in memory. Appending and delivering is one turn, so the order of
 * the offsets is the order in which members get the messages.
 */
export class MemoryLogs implements LogStore {
  readonly #context: LogStoreContext;
  /** Logs with entries, the one last written to at the end. */
  readonly #logs = new Map<string, MemoryLog>();
  /** Logs without an entry: forgetting one costs no message. */
  readonly #begun = new Map<string, MemoryLog>();
  readonly #stopSweeping: () => void;
  #latest: string | undefined;
  #bytes = 0;

  constructor(context: LogStoreContext) {
    this.#context = context;
    this.#stopSweeping = context.clock.every(SWEEP_EVERY_MS, () => this.#sweep());
  }

  /** How many logs are kept. */
  get size(): number {
    return this.#logs.size + this.#begun.size;
  }

  append(room: string, draft: Draft, { except }: Audience): Appended {
    const log = this.#log(room);
    if (log === undefined) return { ok: false };
    const known = log.numbered(draft);
    if (known !== undefined) return { ok: true, offset: known, isRepeated: true };
    const entry = this.#changing(log, () => log.append(draft, this.#context.clock.now()));
    this.#markLatest(room, log);
    this.#makeRoom();
    this.#context.deliver(room, entry, except);
    return { ok: true, offset: entry.offset, isRepeated: false };
  }

  open<Result>(
    room: string,
    after: number | undefined,
    use: (page: Page) => Eventual<Result>,
  ): Eventual<Result | undefined> {
    const log = this.#log(room);
    if (log === undefined) return undefined;
    const limit = after === undefined ? 0 : Number.POSITIVE_INFINITY;
    return use(this.#page(log, after, limit));
  }

  read(room: string, after: number, limit: number): Page {
    const log = this.#known(room);
    if (log === undefined) return { epoch: "", offset: 0, first: 1, entries: [] };
    return this.#page(log, after, limit);
  }

  stop(): void {
    this.#stopSweeping();
  }

  #page(log: MemoryLog, after: number | undefined, limit: number): Page {
    return this.#changing(log, () => log.page(after, limit, this.#context.clock.now()));
  }

  #known(room: string): MemoryLog | undefined {
    return this.#logs.get(room) ?? this.#begun.get(room);
  }

  #log(room: string): MemoryLog | undefined {
    return this.#known(room) ?? this.#begin(room);
  }

  #begin(room: string): MemoryLog | undefined {
    const { settingsOf, randomId, limits, clock } = this.#context;
    const settings = settingsOf(room);
    if (settings === undefined) return undefined;
    const log = new MemoryLog(randomId(), settings, limits.maxLogBytes, clock.now());
    this.#begun.set(room, log);
    if (this.#begun.size > limits.maxLogs) this.#forgetIdle(this.#begun, room);
    return log;
  }

  #markLatest(room: string, log: MemoryLog): void {
    if (this.#latest === room) return;
    this.#latest = room;
    this.#begun.delete(room);
    this.#logs.delete(room);
    this.#logs.set(room, log);
    if (this.#logs.size > this.#context.limits.maxLogs) this.#forgetIdle(this.#logs, room);
  }

  /** Forgets the log that was idle for longest and has no members, if there is one. */
  #forgetIdle(logs: Map<string, MemoryLog>, newest: string): void {
    for (const [room, log] of logs) {
      if (room === newest || this.#context.hasMembers(room)) continue;
      this.#forget(logs, room, log);
      return;
    }
  }

  #forget(logs: Map<string, MemoryLog>, room: string, log: MemoryLog): void {
    this.#changing(log, () => log.clear());
    logs.delete(room);
    if (this.#latest === room) this.#latest = undefined;
  }

  /** Offsets and epoch go on, for those who are in the room. */
  #empty(room: string, log: MemoryLog): void {
    this.#changing(log, () => log.clear());
    this.#logs.delete(room);
    this.#begun.set(room, log);
  }

  /** Empties the logs that were idle for longest, until all together fit. */
  #makeRoom(): void {
    if (this.#bytes <= this.#context.limits.maxLogsBytes) return;
    for (const [room, log] of this.#logs) {
      if (room === this.#latest) continue;
      if (this.#context.hasMembers(room)) this.#empty(room, log);
      else this.#forget(this.#logs, room, log);
      if (this.#bytes <= this.#context.limits.maxLogsBytes) return;
    }
  }

  #sweep(): void {
    const nowMs = this.#context.clock.now();
    for (const logs of [this.#logs, this.#begun]) {
      for (const [room, log] of logs) {
        this.#changing(log, () => log.trim(nowMs));
        if (log.isOld(nowMs) && !this.#context.hasMembers(room)) this.#forget(logs, room, log);
      }
    }
  }

  /** Keeps count of the bytes of all logs while one changes. */
  #changing<Result>(log: MemoryLog, change: () => Result): Result {
    const before = log.bytes;
    const result = change();
    this.#bytes += log.bytes - before;
    return result;
  }
}

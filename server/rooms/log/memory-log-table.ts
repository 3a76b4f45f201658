import type { LogStoreContext } from "./log-store.ts";
import { MemoryLog } from "./memory-log.ts";

/** What the table needs of the surroundings of the logs. */
export type MemoryLogTableContext = Pick<
  LogStoreContext,
  "settingsOf" | "hasMembers" | "limits" | "clock" | "randomId"
>;

/** How many logs that refuse may be there for each that may be of a room without members. */
const REFUSING_FOR_EACH = 10;

/** Which logs are in memory, within the limits of all of them together. */
export class MemoryLogTable {
  readonly #context: MemoryLogTableContext;
  /** Logs with entries, the one last written to at the end. */
  readonly #logs = new Map<string, MemoryLog>();
  /** Logs without an entry: forgetting one costs no message. */
  readonly #begun = new Map<string, MemoryLog>();
  /** Logs that refuse what they have no room for. No limit of all logs takes anything from them. */
  readonly #refusing = new Map<string, MemoryLog>();
  #latest: string | undefined;
  #bytes = 0;
  #refusingBytes = 0;

  constructor(context: MemoryLogTableContext) {
    this.#context = context;
  }

  /** How many logs are kept. */
  get size(): number {
    return this.#logs.size + this.#begun.size + this.#refusing.size;
  }

  /** A room's log, if it has begun. */
  find(room: string): MemoryLog | undefined {
    const log = this.#logs.get(room) ?? this.#begun.get(room) ?? this.#refusing.get(room);
    return log === undefined || this.#endDue(room, log) ? undefined : log;
  }

  /** Begins a log; undefined where the room keeps none, or too many logs refuse to make room. */
  begin(room: string): MemoryLog | undefined {
    const { settingsOf, randomId, limits, clock } = this.#context;
    const settings = settingsOf(room);
    if (settings === undefined) return undefined;
    const maxBytes = settings.maxBytes ?? limits.maxLogBytes;
    const log = new MemoryLog(randomId(), settings, maxBytes, clock.now());
    if (log.isRefusing) {
      if (this.#refusing.size >= limits.maxLogs * REFUSING_FOR_EACH) return undefined;
      this.#refusing.set(room, log);
      return log;
    }
    this.#begun.set(room, log);
    if (this.#begun.size > limits.maxLogs) this.#forgetIdle(this.#begun, room);
    return log;
  }

  /** Whether a log that refuses has room for a payload of this size. All others give way to it. */
  fits(log: MemoryLog, bytes: number): boolean {
    return log.fits(bytes) && this.#refusingBytes + bytes <= this.#context.limits.maxLogsBytes;
  }

  /** Keeps count of the bytes of all logs while one changes. */
  changing<Result>(log: MemoryLog, change: () => Result): Result {
    const before = log.bytes;
    const result = change();
    const added = log.bytes - before;
    this.#bytes += added;
    if (log.isRefusing) this.#refusingBytes += added;
    return result;
  }

  /** Notes that a log was written to, and makes room for what it has got. */
  wrote(room: string, log: MemoryLog): void {
    if (!log.isRefusing) this.#markLatest(room, log);
    this.#makeRoom(room);
  }

  /** Drops a log after a time, or earlier where that was asked for before. */
  forget(room: string, afterMs: number): void {
    const log = this.find(room);
    if (log === undefined) return;
    const endsAtMs = this.#context.clock.now() + afterMs;
    log.endsAtMs = Math.min(log.endsAtMs ?? endsAtMs, endsAtMs);
    this.#endDue(room, log);
  }

  /** Drops what is too old. */
  sweep(): void {
    const nowMs = this.#context.clock.now();
    for (const logs of [this.#logs, this.#begun, this.#refusing]) {
      for (const [room, log] of logs) {
        if (this.#endDue(room, log)) continue;
        this.changing(log, () => log.trim(nowMs));
        if (log.isOld(nowMs) && !this.#context.hasMembers(room)) this.#drop(room, log);
      }
    }
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
      this.#drop(room, log);
      return;
    }
  }

  /** Empties the logs that were idle for longest, until all together fit. */
  #makeRoom(newest: string): void {
    const { limits, hasMembers } = this.#context;
    if (this.#bytes <= limits.maxLogsBytes) return;
    for (const [room, log] of this.#logs) {
      if (room === newest) continue;
      this.#drop(room, log);
      // Offsets and epoch go on, for those who are in the room.
      if (hasMembers(room)) this.#begun.set(room, log);
      if (this.#bytes <= limits.maxLogsBytes) return;
    }
  }

  /** Drops a log whose end has come; tells whether it had. */
  #endDue(room: string, log: MemoryLog): boolean {
    const { endsAtMs } = log;
    if (endsAtMs === undefined || endsAtMs > this.#context.clock.now()) return false;
    this.#drop(room, log);
    return true;
  }

  #drop(room: string, log: MemoryLog): void {
    this.changing(log, () => log.clear());
    for (const logs of [this.#logs, this.#begun, this.#refusing]) logs.delete(room);
    this.#latest = undefined;
  }
}

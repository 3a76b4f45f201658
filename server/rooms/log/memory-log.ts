import { type Draft, type Entry, payloadBytes } from "./entry.ts";
import type { LogSettings } from "./log-settings.ts";
import type { Page } from "./log-store.ts";

/** Places at the front of the list that may be empty before it is made anew. */
const MAX_EMPTY = 64;

/** The log of one room in memory. */
export class MemoryLog {
  /** Names this log; one that begins anew has another. */
  readonly epoch: string;
  /** When the log was last written to, or begun. */
  writtenAtMs: number;
  /** When the log is to be dropped, whatever becomes of it until then; undefined for never. */
  endsAtMs: number | undefined;
  readonly #settings: LogSettings;
  readonly #maxBytes: number;
  /** Offsets have no gaps, so an entry's place follows from its offset. */
  #entries: (Entry | undefined)[] = [];
  #start = 0;
  #offset = 0;
  #bytes = 0;
  /** Offsets of the entries that their senders numbered. */
  readonly #numbered = new Map<string, number>();

  /**
   * @param maxBytes most that the payloads may have together; the newest one always may in a log
   * that does not refuse
   */
  constructor(epoch: string, settings: LogSettings, maxBytes: number, nowMs: number) {
    this.epoch = epoch;
    this.#settings = settings;
    this.#maxBytes = maxBytes;
    this.writtenAtMs = nowMs;
  }

  /** Size of the payloads that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it refuses what it has no room for, and loses nothing before its time. */
  get isRefusing(): boolean {
    return this.#settings.whenFull === "refuse";
  }

  /** Whether a payload of this size fits in without the loss of another. */
  fits(bytes: number): boolean {
    return this.#count < this.#settings.size && this.#bytes + bytes <= this.#maxBytes;
  }

  /** Whether its entries are over, and it has not been written to since. */
  isOld(nowMs: number): boolean {
    return nowMs - this.writtenAtMs >= this.#settings.ttlMs;
  }

  /** The offset of the entry that its sender gave this number, while it is kept. */
  numbered({ sender, sequence }: Draft): number | undefined {
    return sequence === undefined ? undefined : this.#numbered.get(numberOf(sender, sequence));
  }

  /** Gives a message the next offset and keeps it. Older ones may have to go. */
  append(draft: Draft, nowMs: number): Entry {
    const { event, payload, sender, sequence, inReplyTo, type } = draft;
    this.#offset += 1;
    const offset = this.#offset;
    const entry: Entry = {
      offset,
      event,
      payload,
      atMs: nowMs,
      bytes: payloadBytes(payload),
      ...(sender !== undefined && { sender }),
      ...(sequence !== undefined && { sequence }),
      ...(inReplyTo !== undefined && { inReplyTo }),
      ...(type !== undefined && { type }),
    };
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    this.writtenAtMs = nowMs;
    if (sequence !== undefined) this.#numbered.set(numberOf(sender, sequence), offset);
    this.trim(nowMs);
    return entry;
  }

  /** The entries after an offset, at most so many. */
  page(after: number | undefined, limit: number, nowMs: number): Page {
    this.trim(nowMs);
    const first = this.#offset - this.#count + 1;
    const from = Math.max((after ?? this.#offset) + 1, first) - first + this.#start;
    const entries = this.#entries.slice(from, from + limit) as Entry[];
    return { epoch: this.epoch, offset: this.#offset, first, entries };
  }

  /** Drops what is too old or too much; all at once in a log that refuses. */
  trim(nowMs: number): void {
    if (this.isRefusing) {
      if (this.isOld(nowMs)) this.clear();
      return;
    }
    const { size, ttlMs } = this.#settings;
    for (let oldest = this.#entries[this.#start]; oldest !== undefined; ) {
      const isTooMuch = this.#count > size || (this.#bytes > this.#maxBytes && this.#count > 1);
      if (!isTooMuch && nowMs - oldest.atMs < ttlMs) return;
      this.#drop(oldest);
      oldest = this.#entries[this.#start];
    }
  }

  /** Drops all entries. Offsets and epoch go on. */
  clear(): void {
    this.#entries = [];
    this.#start = 0;
    this.#bytes = 0;
    this.#numbered.clear();
  }

  get #count(): number {
    return this.#entries.length - this.#start;
  }

  #drop({ sender, sequence, bytes }: Entry): void {
    if (sequence !== undefined) this.#numbered.delete(numberOf(sender, sequence));
    this.#bytes -= bytes;
    this.#entries[this.#start] = undefined;
    this.#start += 1;
    if (this.#start < MAX_EMPTY || this.#start * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#start);
    this.#start = 0;
  }
}

function numberOf(sender: string | undefined, sequence: number): string {
  return `${sequence} ${sender ?? ""}`;
}

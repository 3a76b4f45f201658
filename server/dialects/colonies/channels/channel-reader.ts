import type { Page } from "../../../rooms/log/log-store.ts";
import type { RoomLogs } from "../../../rooms/log/room-logs.ts";
import { sequenceOf, type WireEntry, wireEntry } from "./entry.ts";
import { type KnownLog, KnownSequences } from "./known-sequences.ts";

/** A place in a channel's log. As `since` and `epoch` of a join, what is behind it follows. */
export interface LogPlace {
  /** Undefined at the start of a log, and only there. */
  readonly epoch: string | undefined;
  /** Offset of the last entry that was read; 0 at the start. */
  readonly offset: number;
}

/** How much is read at once. */
export interface ReadLimits {
  readonly maxEntries: number;
  /** Most characters of the entries as JSON text, roughly. One entry always may. */
  readonly maxChars: number;
}

/** A part of a channel's log. */
export interface ReadEntries {
  readonly entries: readonly WireEntry[];
  /** Where to read on. */
  readonly place: LogPlace;
  /** Whether nothing was behind it. */
  readonly isEnd: boolean;
}

const START: LogPlace = { epoch: undefined, offset: 0 };
/** Most entries that are asked for at once. */
const MAX_CHUNK = 1000;
/** The first chunk is small, since entries may be large. */
const FIRST_CHUNK = 100;
/** What an entry has besides its payload, roughly. */
const ENTRY_CHARS = 256;

/** Reads the logs of channels as ColonyOS clients ask for them. */
export class ChannelReader {
  readonly #logs: Pick<RoomLogs, "read">;
  readonly #known: KnownSequences;

  constructor(logs: Pick<RoomLogs, "read">, known = new KnownSequences()) {
    this.#logs = logs;
    this.#known = known;
  }

  /**
   * The place of a reader who asks for what comes after a sequence; never beyond the end of the
   * log. What is new of the log is read for it, and no more.
   *
   * @returns undefined where the log cannot be reached
   */
  async placeAfter(room: string, sequence: number): Promise<LogPlace | undefined> {
    if (sequence <= 0) return START;
    let log = this.#known.of(room);
    for (;;) {
      const page = await this.#logs.read(room, wantedOf(log), MAX_CHUNK);
      if (page === undefined) return undefined;
      const { epoch, offset } = page;
      if (offset === 0) return START;
      if (epoch !== (log.epoch ?? epoch)) {
        // What is known is of a log that was lost.
        this.#known.forget(room);
        log = this.#known.of(room);
        continue;
      }
      this.#take(room, log, page);
      const isRead = page.entries.length === 0 || log.sequences.offset >= offset;
      if (isRead) return { epoch, offset: Math.min(log.sequences.place(sequence), offset) };
    }
  }

  /**
   * Reads what is behind a place. Where the log was lost meanwhile, all that it has now is.
   *
   * @returns undefined where the log cannot be reached
   */
  async read(room: string, from: LogPlace, limits: ReadLimits): Promise<ReadEntries | undefined> {
    const { maxEntries, maxChars } = limits;
    const entries: WireEntry[] = [];
    let place = from;
    let chars = 0;
    for (let chunk = FIRST_CHUNK; ; chunk = Math.min(chunk * 2, MAX_CHUNK)) {
      const wanted = Math.min(chunk, maxEntries - entries.length);
      const page = await this.#logs.read(room, place.offset, wanted);
      if (page === undefined) return undefined;
      const { epoch } = page;
      if (epoch !== (place.epoch ?? epoch)) return this.read(room, START, limits);
      for (const entry of page.entries) {
        const wire = wireEntry(entry);
        chars += ENTRY_CHARS + (wire.payload?.length ?? 0);
        if (chars > maxChars && entries.length > 0) return { entries, place, isEnd: false };
        entries.push(wire);
        place = { epoch, offset: entry.offset };
      }
      const isEnd = page.entries.length === 0 || place.offset >= page.offset;
      // What the log no longer has, nobody need ask for.
      if (isEnd) place = page.offset === 0 ? START : { epoch, offset: page.offset };
      if (isEnd || entries.length >= maxEntries) return { entries, place, isEnd };
    }
  }

  /** Learns what a page says. */
  #take(room: string, log: KnownLog, { epoch, entries }: Page): void {
    this.#known.change(room, log, () => {
      log.epoch = epoch;
      for (const entry of entries) log.sequences.take(entry.offset, sequenceOf(entry));
    });
  }
}

/** Offset after which a log is not known yet. */
function wantedOf({ sequences }: KnownLog): number {
  return Math.min(sequences.offset, Number.MAX_SAFE_INTEGER);
}

import type { Eventual } from "../../eventual.ts";
import { type Draft, payloadBytes } from "./entry.ts";
import type { Appended, Audience, LogStore, LogStoreContext, Page } from "./log-store.ts";
import type { MemoryLog } from "./memory-log.ts";
import { MemoryLogTable } from "./memory-log-table.ts";

const SWEEP_EVERY_MS = 5000;

/**
 * The logs of one node's rooms, in memory. Appending and delivering is one turn, so the order of
 * the offsets is the order in which members get the messages.
 */
export class MemoryLogs implements LogStore {
  readonly #context: LogStoreContext;
  readonly #table: MemoryLogTable;
  readonly #stopSweeping: () => void;

  constructor(context: LogStoreContext) {
    this.#context = context;
    this.#table = new MemoryLogTable(context);
    this.#stopSweeping = context.clock.every(SWEEP_EVERY_MS, () => this.#table.sweep());
  }

  /** How many logs are kept. */
  get size(): number {
    return this.#table.size;
  }

  append(room: string, draft: Draft, { except }: Audience): Appended {
    const known = this.#table.find(room);
    const log = known ?? this.#table.begin(room);
    if (log === undefined) return { ok: false, reason: "unavailable" };
    const nowMs = this.#context.clock.now();
    if (log.isRefusing) this.#table.changing(log, () => log.trim(nowMs));
    const numbered = log.numbered(draft);
    if (numbered !== undefined) return { ok: true, offset: numbered, isRepeated: true };
    if (log.isRefusing && !this.#table.fits(log, payloadBytes(draft.payload))) {
      if (known === undefined) this.#table.forget(room, 0);
      return { ok: false, reason: "full" };
    }
    const entry = this.#table.changing(log, () => log.append(draft, nowMs));
    this.#table.wrote(room, log);
    this.#context.deliver(room, entry, except);
    return { ok: true, offset: entry.offset, isRepeated: false };
  }

  open<Result>(
    room: string,
    after: number | undefined,
    use: (page: Page) => Eventual<Result>,
  ): Eventual<Result | undefined> {
    const log = this.#table.find(room) ?? this.#table.begin(room);
    if (log === undefined) return undefined;
    return use(this.#page(log, after, Number.POSITIVE_INFINITY));
  }

  read(room: string, after: number, limit: number): Page {
    const log = this.#table.find(room);
    if (log === undefined) return { epoch: "", offset: 0, first: 1, entries: [] };
    return this.#page(log, after, limit);
  }

  forget(room: string, afterMs: number): void {
    this.#table.forget(room, afterMs);
  }

  stop(): void {
    this.#stopSweeping();
  }

  #page(log: MemoryLog, after: number | undefined, limit: number): Page {
    return this.#table.changing(log, () => log.page(after, limit, this.#context.clock.now()));
  }
}

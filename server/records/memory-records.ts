import type { Clock } from "../clock.ts";
import { RecordIndex } from "./record-index.ts";
import type {
  Listing,
  RecordChange,
  RecordListener,
  RecordStore,
  StoredRecord,
} from "./record-store.ts";
import { RecordWatchers } from "./record-watchers.ts";

/** What records in memory need of their surroundings. */
export interface MemoryRecordsContext {
  readonly clock: Clock;
  /** Told of what a listener threw. Default: it is thrown again, where nobody can catch it. */
  readonly onCrash?: (error: unknown) => void;
}

interface Kept {
  readonly record: StoredRecord;
  readonly places: ReadonlyMap<string, number>;
}

const SWEEP_EVERY_MS = 5000;

/**
 * The records of one node, in memory. A change is made within the call; listeners hear of it right
 * after the turn, before whoever made it goes on.
 */
export class MemoryRecords implements RecordStore {
  readonly #clock: Clock;
  readonly #records = new Map<string, Kept>();
  readonly #indexes = new Map<string, RecordIndex>();
  /** Keys by the time at which their life ends. */
  readonly #ends = new RecordIndex();
  readonly #watchers: RecordWatchers;
  readonly #stopSweeping: () => void;

  constructor({ clock, onCrash = throwAgain }: MemoryRecordsContext) {
    this.#clock = clock;
    this.#watchers = new RecordWatchers(onCrash);
    this.#stopSweeping = clock.every(SWEEP_EVERY_MS, () => this.#expire());
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    this.#expire();
    return this.#records.get(key)?.record;
  }

  async write(change: RecordChange): Promise<boolean> {
    const { key, text, version, places, lifeMs } = change;
    if (!this.#isAt(key, version)) return false;
    const kept = { record: { key, text, version: version + 1 }, places: new Map(places) };
    this.#leave(key, kept.places);
    this.#records.set(key, kept);
    for (const [index, score] of kept.places) this.#index(index).put(key, score);
    if (lifeMs === undefined) this.#ends.remove(key);
    else this.#ends.put(key, this.#clock.now() + lifeMs);
    this.#tell(key, text);
    return true;
  }

  async remove(key: string, version: number): Promise<boolean> {
    if (version === 0 || !this.#isAt(key, version)) return false;
    this.#drop(key);
    this.#tell(key, undefined);
    return true;
  }

  async list(index: string, listing: Listing): Promise<readonly StoredRecord[]> {
    this.#expire();
    const keys = this.#indexes.get(index)?.list(listing) ?? [];
    return keys.flatMap((key) => this.#records.get(key)?.record ?? []);
  }

  async count(index: string): Promise<number> {
    this.#expire();
    return this.#indexes.get(index)?.size ?? 0;
  }

  watch(listener: RecordListener): () => void {
    return this.#watchers.add(listener);
  }

  stop(): void {
    this.#stopSweeping();
  }

  #isAt(key: string, version: number): boolean {
    this.#expire();
    return (this.#records.get(key)?.record.version ?? 0) === version;
  }

  #index(name: string): RecordIndex {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const index = new RecordIndex();
    this.#indexes.set(name, index);
    return index;
  }

  /** Takes a record out of the indexes that it is no longer in. */
  #leave(key: string, next: ReadonlyMap<string, number>): void {
    for (const name of this.#records.get(key)?.places.keys() ?? []) {
      const index = this.#indexes.get(name);
      if (index === undefined || next.has(name)) continue;
      index.remove(key);
      if (index.size === 0) this.#indexes.delete(name);
    }
  }

  #drop(key: string): void {
    this.#leave(key, NOWHERE);
    this.#records.delete(key);
    this.#ends.remove(key);
  }

  /** Drops the records whose life is over. */
  #expire(): void {
    const nowMs = this.#clock.now();
    for (let key = this.#ends.first(nowMs); key !== undefined; key = this.#ends.first(nowMs)) {
      this.#drop(key);
    }
  }

  /** Never within a change, so that all hear of the changes in their order. */
  #tell(key: string, text: string | undefined): void {
    queueMicrotask(() => this.#watchers.tell(key, text));
  }
}

const NOWHERE: ReadonlyMap<string, number> = new Map();

function throwAgain(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

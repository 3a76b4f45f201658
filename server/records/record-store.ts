/** A record as it is kept. */
export interface StoredRecord {
  readonly key: string;
  /** What it says; whoever writes it decides how. */
  readonly text: string;
  /** 1 for a new record, and one more with each change. */
  readonly version: number;
}

/** A place in an index: records are listed by their scores, and those of one score by their keys. */
export type Place = readonly [index: string, score: number];

/** A change of a record. */
export interface RecordChange {
  readonly key: string;
  readonly text: string;
  /** The version that is changed; 0 for a record that is not there yet. */
  readonly version: number;
  /** All places of the record from now on. */
  readonly places: readonly Place[];
  /** How long it is kept, in ms; undefined keeps it until it is removed. */
  readonly lifeMs?: number | undefined;
}

/** Which records of an index are listed. */
export interface Listing {
  /** Highest score, itself included. Default: no limit. */
  readonly upTo?: number;
  /** Most records. */
  readonly limit: number;
  /** Whether the highest scores come first. Default: the lowest. */
  readonly isDescending?: boolean;
}

/**
 * Hears of each change of any node: the record's text, or undefined where it was removed. Nobody is
 * told when a life ends.
 */
export type RecordListener = (key: string, text: string | undefined) => void;

/** Thrown where the records cannot be reached. Nothing was changed, as far as can be known. */
export class RecordsUnavailable extends Error {
  override readonly name = "RecordsUnavailable";
}

/**
 * Facts that all nodes share: versioned texts that are changed one at a time, found by key or by
 * index. Every method but `watch` and `stop` may throw {@link RecordsUnavailable}.
 */
export interface RecordStore {
  read(key: string): Promise<StoredRecord | undefined>;
  /** @returns false where the record is at another version: somebody was faster */
  write(change: RecordChange): Promise<boolean>;
  /** @returns false where the record is at another version, or not there */
  remove(key: string, version: number): Promise<boolean>;
  list(index: string, listing: Listing): Promise<readonly StoredRecord[]>;
  /** How many records an index has. Some whose life has just ended may be among them. */
  count(index: string): Promise<number>;
  /**
   * Tells of each change from now on, on this node and on all others, in the order of the changes of
   * a record. What happens while the store cannot be reached is not told.
   *
   * @returns a function that ends it; harmless when repeated
   */
  watch(listener: RecordListener): () => void;
  /** Stops all timers. Harmless when repeated. */
  stop(): void;
}

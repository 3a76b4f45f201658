import { compareKeys } from "./key-order.ts";
import type { Listing } from "./record-store.ts";

interface Ranked {
  readonly key: string;
  readonly score: number;
}

/** Keys in the order of their scores; those of one score in the order of their bytes. */
export class RecordIndex {
  readonly #scores = new Map<string, number>();
  readonly #ranks: Ranked[] = [];

  /** How many keys there are. */
  get size(): number {
    return this.#ranks.length;
  }

  /** Puts a key in its place, and takes it from the one that it had. */
  put(key: string, score: number): void {
    if (this.#scores.get(key) === score) return;
    this.remove(key);
    this.#scores.set(key, score);
    this.#ranks.splice(this.#rankOf(key, score), 0, { key, score });
  }

  /** Takes a key out. Harmless where it is not there. */
  remove(key: string): void {
    const score = this.#scores.get(key);
    if (score === undefined) return;
    this.#scores.delete(key);
    this.#ranks.splice(this.#rankOf(key, score), 1);
  }

  /** The key with the lowest score that is not above `upTo`. */
  first(upTo: number): string | undefined {
    const lowest = this.#ranks[0];
    return lowest !== undefined && lowest.score <= upTo ? lowest.key : undefined;
  }

  /** The keys that were asked for, in their order. */
  list({ upTo, limit, isDescending = false }: Listing): string[] {
    const end = upTo === undefined ? this.#ranks.length : this.#endOf(upTo);
    const count = Math.max(0, Math.min(limit, end));
    const part = isDescending ? this.#ranks.slice(end - count, end) : this.#ranks.slice(0, count);
    const keys = part.map(({ key }) => key);
    return isDescending ? keys.reverse() : keys;
  }

  /** Where a key with this score is, or belongs. */
  #rankOf(key: string, score: number): number {
    return this.#rankWhere((other) =>
      other.score === score ? compareKeys(other.key, key) < 0 : other.score < score,
    );
  }

  /** Where the scores above `upTo` begin. */
  #endOf(upTo: number): number {
    return this.#rankWhere(({ score }) => score <= upTo);
  }

  #rankWhere(isBefore: (other: Ranked) => boolean): number {
    let low = 0;
    let high = this.#ranks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#ranks[middle];
      if (other !== undefined && isBefore(other)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

import type { Clock } from "../clock.ts";

const CHECK_EVERY_MS = 250;

/**
 * Ends things at a given second. One timer serves any number of them, and times beyond the range
 * of `setTimeout` (25 days) are no special case.
 */
export class Expiry<Item> {
  readonly #due = new Map<number, Set<Item>>();
  readonly #onExpired: (item: Item) => void;
  readonly #clock: Clock;
  readonly #stop: () => void;
  #lastSecond: number;

  constructor(clock: Clock, onExpired: (item: Item) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
    this.#lastSecond = toSecond(clock.now());
    this.#stop = clock.every(CHECK_EVERY_MS, () => this.#check());
  }

  /** Ends `item` once the clock has reached `atMs`. */
  add(item: Item, atMs: number): void {
    const second = this.#secondOf(atMs);
    const items = this.#due.get(second);
    if (items === undefined) this.#due.set(second, new Set([item]));
    else items.add(item);
  }

  /** Forgets `item`, which was added for `atMs`. */
  remove(item: Item, atMs: number): void {
    const second = this.#secondOf(atMs);
    const items = this.#due.get(second);
    items?.delete(item);
    if (items?.size === 0) this.#due.delete(second);
  }

  /** Ends nothing any more. Harmless when repeated. */
  stop(): void {
    this.#stop();
    this.#due.clear();
  }

  /** A second that has been checked already never comes again. */
  #secondOf(atMs: number): number {
    return Math.max(Math.ceil(atMs / 1000), this.#lastSecond + 1);
  }

  #check(): void {
    const nowSecond = toSecond(this.#clock.now());
    while (this.#lastSecond < nowSecond) {
      this.#lastSecond += 1;
      const items = this.#due.get(this.#lastSecond);
      this.#due.delete(this.#lastSecond);
      for (const item of items ?? []) this.#onExpired(item);
    }
  }
}

function toSecond(ms: number): number {
  return Math.floor(ms / 1000);
}

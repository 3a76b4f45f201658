/** Keeps the latest of what was found out; what was not asked for longest goes first. */
export class SignatureCache<Found> {
  readonly #found = new Map<string, Found>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** How many entries are kept. */
  get size(): number {
    return this.#found.size;
  }

  /** What was found out, if it is still kept; it is now the last to go. */
  get(key: string): Found | undefined {
    const found = this.#found.get(key);
    if (found !== undefined) this.set(key, found);
    return found;
  }

  /** Keeps what was found out, in the place of the oldest entry if there are too many. */
  set(key: string, found: Found): void {
    this.#found.delete(key);
    this.#found.set(key, found);
    if (this.#found.size <= this.#maxEntries) return;
    const [oldest] = this.#found.keys();
    if (oldest !== undefined) this.#found.delete(oldest);
  }
}

/** Keeps the latest of what was found out; what was not asked for longest goes first. */
export class SignatureCache<Found> {
  readonly #found = new Map<string, Found>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#found.size;
  }

  get(key: string): Found | undefined {
    const found = this.#found.get(key);
    if (found !== undefined) this.set(key, found);
    return found;
  }

  set(key: string, found: Found): void {
    this.#found.delete(key);
    this.#found.set(key, found);
    if (this.#found.size <= this.#maxEntries) return;
    const [oldest] = this.#found.keys();
    if (oldest !== undefined) this.#found.delete(oldest);
  }
}

/** How many are remembered: their copies come at almost the same time. */
const MAX_REMEMBERED = 10_000;

/** Remembers broadcasts that came on the channels of several rooms, so that each is taken once. */
export class SeenBroadcasts {
  readonly #ids = new Set<string>();

  /** Whether this is the first copy of a broadcast. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > MAX_REMEMBERED) {
      const [oldest = ""] = this.#ids;
      this.#ids.delete(oldest);
    }
    return true;
  }
}

/** What may wait for another process, before more is dropped. */
export const MAX_WAITING_BYTES = 67_108_864;

/**
 * Counts the bytes that wait for another process. Once there are too many it is full, until half of
 * them have gone: so what is dropped is dropped in few long stretches, and can be told of in between.
 */
export class Backlog {
  #bytes = 0;
  #isFull: boolean = false;

  /** Whether nothing may be added for now. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Notes what waits from now on. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_WAITING_BYTES) this.#isFull = true;
  }

  /** Notes what waits no more. */
  remove(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes <= MAX_WAITING_BYTES / 2) this.#isFull = false;
  }
}

/**
 * Finds where a log goes on after a sequence, for a reader that says which one it had last.
 *
 * While a log's sequences rise from 1 or more, they count. Any other log is read by position, as
 * the first so many of its entries. Either way a reader misses nothing that was not there before.
 */
export class AfterSequence {
  /** How many entries have exactly their position as their sequence, from the first one on. */
  #plain = 0;
  /** Sequences of the entries behind those. */
  #others: number[] = [];
  #isRising: boolean = true;

  /**
   * Offset of the last entry that was taken; the next one is wanted. Infinite where nothing more
   * need be known.
   */
  get offset(): number {
    return this.#isRising ? this.#plain + this.#others.length : Number.POSITIVE_INFINITY;
  }

  /** How many numbers are kept. */
  get size(): number {
    return this.#others.length;
  }

  /** Takes an entry of the log. One that was taken already is ignored. */
  take(offset: number, sequence: number): void {
    if (offset <= this.offset) return;
    const last = this.#others.at(-1) ?? this.#plain;
    if (offset !== this.offset + 1 || sequence <= last) {
      this.#isRising = false;
      this.#others = [];
    } else if (sequence === offset) {
      this.#plain = offset;
    } else {
      this.#others.push(sequence);
    }
  }

  /**
   * Offset of the entry after which a reader goes on. It may be beyond the end of the log.
   *
   * @param sequence as the reader says; what is below 0 means the start of the log
   */
  place(sequence: number): number {
    const wanted = Math.max(0, sequence);
    if (!this.#isRising || wanted <= this.#plain) return wanted;
    return this.#plain + countUpTo(this.#others, wanted);
  }
}

/** How many of some rising numbers are not above a limit. */
function countUpTo(rising: readonly number[], limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What becomes of a worker that has crashed. */
export interface Restart {
  /** How long to wait before it is started again. */
  readonly delayMs: number;
  /** Whether it has crashed at once five times in a row, or more often. */
  readonly isRepeated: boolean;
}

/** A process that has lived this long did not crash at once. */
const AT_ONCE_MS = 10_000;
const MOST_CRASHES = 5;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;

/**
 * Remembers how often in a row one worker has crashed at once, and so how long to wait. It is not
 * asked in which time: where starting is slow, so is crashing.
 */
export class Crashes {
  #inARow = 0;

  /**
   * Notes the end of the worker that nobody asked for.
   *
   * @param livedMs how long it lived
   * @returns no delay for one that had lived for long, and a longer one each time that it crashed at
   * once, of ten seconds at most
   */
  note(livedMs: number): Restart {
    if (livedMs >= AT_ONCE_MS) {
      this.#inARow = 0;
      return { delayMs: 0, isRepeated: false };
    }
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#inARow);
    this.#inARow += 1;
    return { delayMs, isRepeated: this.#inARow >= MOST_CRASHES };
  }
}

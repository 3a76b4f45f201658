import type { Clock } from "../clock.ts";

/** What becomes of a worker that has crashed. */
export interface Restart {
  /** How long to wait before it is started again. */
  readonly delayMs: number;
  /** Whether it has crashed five times within ten seconds. */
  readonly isRepeated: boolean;
}

/** A process that has lived this long did not crash at once. */
const AT_ONCE_MS = 10_000;
const MOST_CRASHES = 5;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;

/** Remembers how often one worker has crashed at once, and so how long to wait. */
export class Crashes {
  readonly #clock: Clock;
  #recentMs: number[] = [];
  #inARow = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

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
    const nowMs = this.#clock.now();
    this.#recentMs = [...this.#recentMs.filter((atMs) => nowMs - atMs < AT_ONCE_MS), nowMs];
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#inARow);
    this.#inARow += 1;
    return { delayMs, isRepeated: this.#recentMs.length >= MOST_CRASHES };
  }
}

import type { Clock } from "../clock.ts";

/** A process that has lived this long did not crash at once. */
const AT_ONCE_MS = 10_000;
const MOST_CRASHES = 5;
const FIRST_DELAY_MS = 100;

/** Remembers the workers that crashed at once, and so when to give up. */
export class Crashes {
  readonly #clock: Clock;
  #recentMs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Notes the end of a worker that nobody asked for.
   *
   * @param livedMs how long it lived
   * @returns how long to wait before the next start: nothing for one that had lived for long, and
   * longer with each that crashed at once; undefined to give up, at the fifth within 10 seconds
   */
  note(livedMs: number): number | undefined {
    if (livedMs >= AT_ONCE_MS) return 0;
    const nowMs = this.#clock.now();
    this.#recentMs = [...this.#recentMs.filter((atMs) => nowMs - atMs < AT_ONCE_MS), nowMs];
    const count = this.#recentMs.length;
    return count >= MOST_CRASHES ? undefined : FIRST_DELAY_MS * 2 ** (count - 1);
  }
}

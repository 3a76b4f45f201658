import type { Clock } from "../clock.ts";

const MAX_PER_SEC = 1000;
const SECOND_MS = 1000;

/** Requests of other nodes that are answered: what strangers ask does not keep a node busy. */
export class RequestBudget {
  readonly #clock: Clock;
  #secondStartMs = 0;
  #taken = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more may be answered now. */
  take(): boolean {
    const nowMs = this.#clock.now();
    if (Math.abs(nowMs - this.#secondStartMs) >= SECOND_MS) {
      this.#secondStartMs = nowMs;
      this.#taken = 0;
    }
    this.#taken += 1;
    return this.#taken <= MAX_PER_SEC;
  }
}

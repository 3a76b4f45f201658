import type { Clock } from "./clock.ts";
import type { Eventual } from "./eventual.ts";

/** How fast a turnstile lets pass. */
export interface TurnstileLimits {
  /** Most that pass in a second, for as long as they come. */
  readonly perSec: number;
  /** Most that pass at once after a quiet second. Default: `perSec`. */
  readonly burst?: number;
  /** Most that may wait; who comes then is refused. */
  readonly maxWaiting: number;
}

/**
 * Watches for the end of somebody who waits.
 *
 * @param giveUp to be called when there is nobody left to let pass
 * @returns a function that ends the watch; called once, when the wait is over
 */
export type Watch = (giveUp: () => void) => () => void;

interface Waiting {
  readonly settle: (isThrough: boolean) => void;
  endWatch: () => void;
}

/** Those who wait go through in small groups, so that other work gets its turn between them. */
const SHORTEST_WAIT_MS = 5;
const unwatched: Watch = () => () => {};

/**
 * Lets so many pass in a second and makes the others wait, in the order in which they came.
 *
 * @example
 * const turnstile = new Turnstile({ perSec: 2000, maxWaiting: 20_000 }, clock);
 * if (!(await turnstile.pass())) refuse();
 */
export class Turnstile {
  readonly #perSec: number;
  readonly #burst: number;
  readonly #maxWaiting: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  /** How many may pass now; a part of one is kept for later. */
  #free: number;
  #countedAtMs: number;
  #stopTimer: (() => void) | undefined;
  #isClosed: boolean = false;

  constructor({ perSec, burst = perSec, maxWaiting }: TurnstileLimits, clock: Clock) {
    this.#perSec = perSec;
    this.#burst = Math.max(1, burst);
    this.#maxWaiting = maxWaiting;
    this.#clock = clock;
    this.#free = this.#burst;
    this.#countedAtMs = clock.now();
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Asks to pass.
   *
   * @param watch called where there is a wait; who gives up takes nobody's place
   * @returns true at once where the way is free, or when it is; false for one who gave up, who came
   * when too many waited, or who was there when it closed
   */
  pass(watch: Watch = unwatched): Eventual<boolean> {
    if (this.#isClosed) return false;
    if (this.#waiting.size === 0 && this.#takeOne()) return true;
    if (this.#waiting.size >= this.#maxWaiting) return false;
    return new Promise((resolve) => this.#enqueue(resolve, watch));
  }

  /** Lets nobody pass any more, and sends those away who wait. Harmless when repeated. */
  close(): void {
    this.#isClosed = true;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    for (const waiting of [...this.#waiting]) this.#dismiss(waiting, false);
  }

  #enqueue(settle: (isThrough: boolean) => void, watch: Watch): void {
    const waiting: Waiting = { settle, endWatch: () => {} };
    this.#waiting.add(waiting);
    waiting.endWatch = watch(() => this.#dismiss(waiting, false));
    // Who gave up while the watch began was not known to have one.
    if (!this.#waiting.has(waiting)) waiting.endWatch();
    this.#schedule();
  }

  #dismiss(waiting: Waiting, isThrough: boolean): void {
    if (!this.#waiting.delete(waiting)) return;
    waiting.endWatch();
    waiting.settle(isThrough);
  }

  #schedule(): void {
    if (this.#isClosed || this.#stopTimer !== undefined || this.#waiting.size === 0) return;
    const untilFreeMs = ((1 - this.#free) * 1000) / this.#perSec;
    this.#stopTimer = this.#clock.after(Math.max(SHORTEST_WAIT_MS, Math.ceil(untilFreeMs)), () => {
      this.#stopTimer = undefined;
      this.#admit();
      this.#schedule();
    });
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (!this.#takeOne()) return;
      this.#dismiss(waiting, true);
    }
  }

  #takeOne(): boolean {
    this.#refill();
    if (this.#free < 1) return false;
    this.#free -= 1;
    return true;
  }

  /** A clock that has gone back brings nothing, and counts from there. */
  #refill(): void {
    const nowMs = this.#clock.now();
    if (nowMs === this.#countedAtMs) return;
    const sinceMs = Math.max(0, nowMs - this.#countedAtMs);
    this.#countedAtMs = nowMs;
    this.#free = Math.min(this.#burst, this.#free + (sinceMs * this.#perSec) / 1000);
  }
}

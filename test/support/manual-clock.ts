import type { Clock } from "../../server/clock.ts";

interface Timer {
  dueMs: number;
  readonly periodMs: number | undefined;
  readonly task: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #nowMs: number;
  #shiftMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs + this.#shiftMs;
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + delayMs, periodMs: undefined, task });
  }

  every(periodMs: number, task: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + periodMs, periodMs, task });
  }

  /** Moves the time that it shows, and none of its timers: it was set, or a timer is late. */
  shift(byMs: number): void {
    this.#shiftMs += byMs;
  }

  /** Moves on, running what falls due in its order. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > endMs) break;
      this.#nowMs = next.dueMs;
      if (next.periodMs === undefined) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.task();
    }
    this.#nowMs = endMs;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}

import type { Clock } from "../../../clock.ts";

/** How fast the channels of a process may be appended to. */
export interface AppendRateSettings {
  /** Entries that they take at once. */
  readonly appendBurst: number;
  /** Entries that they take in a second, for as long as they come. */
  readonly appendsPerSec: number;
}

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * Holds back those who append too fast: a token bucket for each process, on this node. One that
 * would be full again is forgotten, so memory is bounded by those that append now.
 */
export class AppendRate {
  readonly #settings: AppendRateSettings;
  readonly #clock: Pick<Clock, "now">;
  /** How long it takes an empty bucket to be full. */
  readonly #fullAfterMs: number;
  /** The one last used at the end. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(settings: AppendRateSettings, clock: Pick<Clock, "now">) {
    this.#settings = settings;
    this.#clock = clock;
    this.#fullAfterMs = (settings.appendBurst / settings.appendsPerSec) * 1000;
  }

  /** How many buckets are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token; false if there is none. */
  take(processId: string): boolean {
    const nowMs = this.#clock.now();
    const tokens = this.#tokens(this.#buckets.get(processId), nowMs);
    const isTaken = tokens >= 1;
    this.#buckets.delete(processId);
    this.#buckets.set(processId, { tokens: isTaken ? tokens - 1 : tokens, atMs: nowMs });
    this.#forgetFull(nowMs);
    return isTaken;
  }

  #tokens(bucket: Bucket | undefined, nowMs: number): number {
    const { appendBurst, appendsPerSec } = this.#settings;
    if (bucket === undefined) return appendBurst;
    const refilled = (Math.max(0, nowMs - bucket.atMs) * appendsPerSec) / 1000;
    return Math.min(appendBurst, bucket.tokens + refilled);
  }

  #forgetFull(nowMs: number): void {
    for (const [processId, { atMs }] of this.#buckets) {
      if (nowMs - atMs < this.#fullAfterMs) return;
      this.#buckets.delete(processId);
    }
  }
}

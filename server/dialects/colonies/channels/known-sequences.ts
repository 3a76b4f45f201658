import { AfterSequence } from "./after-sequence.ts";

/** What is known of the sequences of one log. */
export interface KnownLog {
  /** Undefined until the log was read. */
  epoch: string | undefined;
  readonly sequences: AfterSequence;
}

/** Numbers that may be kept of all logs together. */
const MAX_NUMBERS = 1_000_000;
/** What a log counts besides its numbers. */
const LOG_WEIGHT = 100;

/** What a node knows of the sequences in its logs; what was not asked for longest is forgotten. */
export class KnownSequences {
  readonly #maxNumbers: number;
  /** The one last asked for at the end. */
  readonly #logs = new Map<string, KnownLog>();
  #weight = 0;

  /** @param maxNumbers most that may be kept; a log counts 100 of them besides its own */
  constructor(maxNumbers = MAX_NUMBERS) {
    this.#maxNumbers = maxNumbers;
  }

  /** How many logs something is known of. */
  get size(): number {
    return this.#logs.size;
  }

  /** What is known of a room's log. */
  of(room: string): KnownLog {
    const log = this.#logs.get(room) ?? { epoch: undefined, sequences: new AfterSequence() };
    this.forget(room);
    this.#logs.set(room, log);
    this.#weight += weightOf(log);
    this.#forgetOldest(room);
    return log;
  }

  /** Changes what is known of a log, which may have been forgotten meanwhile. */
  change(room: string, log: KnownLog, change: () => void): void {
    const before = weightOf(log);
    change();
    if (this.#logs.get(room) !== log) return;
    this.#weight += weightOf(log) - before;
    this.#forgetOldest(room);
  }

  /** Forgets a log. */
  forget(room: string): void {
    const log = this.#logs.get(room);
    if (log === undefined) return;
    this.#logs.delete(room);
    this.#weight -= weightOf(log);
  }

  #forgetOldest(newest: string): void {
    for (const room of this.#logs.keys()) {
      if (this.#weight <= this.#maxNumbers) return;
      if (room !== newest) this.forget(room);
    }
  }
}

function weightOf({ sequences }: KnownLog): number {
  return LOG_WEIGHT + sequences.size;
}

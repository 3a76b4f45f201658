import type { Writable } from "node:stream";
import { Sequence } from "./sequence.ts";

/** A writer whose frames wait for the end of the turn. */
export interface Held {
  /** Writes what has waited. */
  release(): void;
}

/**
 * Gathers what is written to a socket within one turn of the event loop into one system call.
 *
 * Sockets that a library writes to are corked at their first write of a turn and uncorked after the
 * turn's input has been handled. Connections of our own keep their frames as a {@link Sequence}.
 */
export class Batch {
  #corked: Writable[] = [];
  #held: Held[] = [];
  #nothing = new Sequence();

  /** The sequence with which each writer starts a turn. */
  get nothing(): Sequence {
    return this.#nothing;
  }

  /** Holds what is written to `stream` back until the end of this turn. */
  hold(stream: Writable): void {
    if (stream.writableCorked > 0) return;
    this.#schedule();
    stream.cork();
    this.#corked.push(stream);
  }

  /** Releases `held` at the end of this turn. */
  add(held: Held): void {
    this.#schedule();
    this.#held.push(held);
  }

  #schedule(): void {
    const isFirst = this.#corked.length === 0 && this.#held.length === 0;
    if (isFirst) setImmediate(() => this.#release());
  }

  #release(): void {
    const [corked, held] = [this.#corked, this.#held];
    this.#corked = [];
    this.#held = [];
    for (const writer of held) writer.release();
    for (const stream of corked) stream.uncork();
    // A new one, so that the turn's frames are not kept.
    this.#nothing = new Sequence();
  }
}

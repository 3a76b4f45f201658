import type { Writable } from "node:stream";

/**
 * Gathers what is written to a socket within one turn of the event loop into one system call.
 *
 * The first write of a turn corks the socket; after the turn's input has been handled, all corked
 * sockets are uncorked.
 */
export class Batch {
  #corked: Writable[] = [];

  /** Holds what is written to `stream` back until the end of this turn. */
  hold(stream: Writable): void {
    if (stream.writableCorked > 0) return;
    if (this.#corked.length === 0) setImmediate(() => this.#release());
    stream.cork();
    this.#corked.push(stream);
  }

  #release(): void {
    const corked = this.#corked;
    this.#corked = [];
    for (const stream of corked) stream.uncork();
  }
}

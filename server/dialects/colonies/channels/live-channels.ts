import type { Process } from "../processes/process.ts";

/** Most processes whose channels are remembered. */
const MAX_PROCESSES = 100_000;

/**
 * The channels of the processes that are not over, as far as this node has heard: of a process that
 * is removed, nobody says which channels it had.
 */
export class LiveChannels {
  readonly #names = new Map<string, readonly string[]>();

  /** Remembers the channels of a process. The one longest not heard of makes room. */
  remember({ processid, spec }: Process): void {
    this.#names.delete(processid);
    if (spec.channels === undefined) return;
    this.#names.set(processid, spec.channels);
    if (this.#names.size <= MAX_PROCESSES) return;
    const [oldest] = this.#names.keys();
    if (oldest !== undefined) this.#names.delete(oldest);
  }

  /** Forgets the channels of a process, and gives them back. */
  forget(processId: string): readonly string[] {
    const names = this.#names.get(processId) ?? [];
    this.#names.delete(processId);
    return names;
  }
}

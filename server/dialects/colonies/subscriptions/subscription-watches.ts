import type { Clock } from "../../../clock.ts";
import { RecordsUnavailable } from "../../../records/record-store.ts";
import type { KnownProcesses, Process } from "../processes/process.ts";

/** Hears what a process is now, or undefined where it was removed. May hear the same twice. */
export type ProcessListener = (process: Process | undefined) => void;

/** What watches need of their surroundings. */
export interface WatchesContext {
  readonly processes: KnownProcesses;
  readonly clock: Clock;
  /** Takes what cannot be understood; the watch goes on. */
  readonly onCrash: (error: unknown) => void;
}

/** What is kept of a process while somebody watches it. */
interface Watched {
  readonly listeners: Set<ProcessListener>;
  /** How often it has changed, so that what was read before a change is not told after it. */
  changes: number;
}

/** A change that was made while the storage could not be reached is found after this time. */
const READ_AGAIN_EVERY_MS = 10_000;

/**
 * Who waits for which process. All share one watch of the processes, and there is none while nobody
 * waits.
 */
export class SubscriptionWatches {
  readonly #context: WatchesContext;
  readonly #watched = new Map<string, Watched>();
  #stop: (() => void) | undefined;
  #isReading: boolean = false;

  constructor(context: WatchesContext) {
    this.#context = context;
  }

  /** How many processes are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * Tells of each change of a process from now on.
   *
   * @returns a function that ends it; harmless when repeated
   */
  watch(processId: string, listener: ProcessListener): () => void {
    this.#stop ??= this.#start();
    const watched = this.#watched.get(processId) ?? { listeners: new Set(), changes: 0 };
    this.#watched.set(processId, watched);
    watched.listeners.add(listener);
    return () => this.#leave(processId, watched, listener);
  }

  #start(): () => void {
    const { processes, clock } = this.#context;
    const stopWatching = processes.watch((id, process) => {
      const watched = this.#watched.get(id);
      if (watched === undefined) return;
      watched.changes += 1;
      tell(watched, process);
    });
    const stopReading = clock.every(READ_AGAIN_EVERY_MS, () => void this.#readAgain());
    return () => {
      stopWatching();
      stopReading();
    };
  }

  #leave(processId: string, watched: Watched, listener: ProcessListener): void {
    watched.listeners.delete(listener);
    if (watched.listeners.size > 0 || this.#watched.get(processId) !== watched) return;
    this.#watched.delete(processId);
    if (this.#watched.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  async #readAgain(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      for (const [id, watched] of this.#watched) {
        const { changes } = watched;
        const process = await this.#context.processes.find(id);
        if (watched.changes === changes) tell(watched, process);
      }
    } catch (error) {
      // What cannot be reached now is read the next time.
      if (!(error instanceof RecordsUnavailable)) this.#context.onCrash(error);
    } finally {
      this.#isReading = false;
    }
  }
}

function tell({ listeners }: Watched, process: Process | undefined): void {
  for (const listener of [...listeners]) listener(process);
}

import type { RecordStore } from "../../../records/record-store.ts";
import type { Process } from "./process.ts";
import { processIdOf, readProcess } from "./process-record.ts";

/** Hears of each change of a process: as it is now, or only its id where it was removed. */
export type ProcessListener = (processId: string, process: Process | undefined) => void;

/** Those who hear of changed processes. Each change is read once for all of them. */
export class ProcessWatchers {
  readonly #onCrash: (error: unknown) => void;
  readonly #watchers = new Set<{ readonly listener: ProcessListener }>();
  readonly #stopWatching: () => void;

  /** @param onCrash takes what a listener threw; the others hear of the change all the same */
  constructor(records: Pick<RecordStore, "watch">, onCrash: (error: unknown) => void) {
    this.#onCrash = onCrash;
    this.#stopWatching = records.watch((key, text) => this.#hear(key, text));
  }

  /** @returns a function that ends it; harmless when repeated */
  add(listener: ProcessListener): () => void {
    const watcher = { listener };
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Hears of no change any longer. Harmless when repeated. */
  stop(): void {
    this.#stopWatching();
  }

  #hear(key: string, text: string | undefined): void {
    const processId = processIdOf(key);
    if (processId === undefined) return;
    const process = text === undefined ? undefined : readProcess(text);
    for (const { listener } of this.#watchers) {
      try {
        listener(processId, process);
      } catch (error) {
        this.#onCrash(error);
      }
    }
  }
}

import type { RecordListener } from "./record-store.ts";

/** Those who hear of changes. One that throws keeps nobody else from hearing. */
export class RecordWatchers {
  readonly #onCrash: (error: unknown) => void;
  readonly #watchers = new Set<{ readonly listener: RecordListener }>();

  /** @param onCrash told of what a listener threw */
  constructor(onCrash: (error: unknown) => void) {
    this.#onCrash = onCrash;
  }

  /** @returns a function that ends it; harmless when repeated */
  add(listener: RecordListener): () => void {
    const watcher = { listener };
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Tells all of them of a change. */
  tell(key: string, text: string | undefined): void {
    for (const { listener } of this.#watchers) {
      try {
        listener(key, text);
      } catch (error) {
        this.#onCrash(error);
      }
    }
  }
}

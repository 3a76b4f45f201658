/** Ends one thing that was started. */
export type Stop = () => Promise<void>;

/** What has to be stopped, in the order in which it was started. */
export class StopList {
  readonly #stops: Stop[] = [];
  #running: Promise<void> | undefined;

  add(stop: Stop): void {
    this.#stops.push(stop);
  }

  /** Stops everything, the last first. Harmless when repeated. */
  run(): Promise<void> {
    this.#running ??= this.#stopAll();
    return this.#running;
  }

  async #stopAll(): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      await stop();
    }
  }
}

/** Something that takes its time, or is done when it returns. */
export type Task = () => void | Promise<void>;

/**
 * Does the requests of one connection in one room one after the other: a join that takes its time
 * holds up what follows in its room, and nothing else.
 */
export class Lanes {
  readonly #lanes = new Map<string, Task[]>();
  readonly #maxWaiting: number;
  readonly #onError: (error: unknown, room: string) => void;

  /**
   * @param maxWaiting most that may wait in one lane
   * @param onError takes what a task throws or rejects with; the lane goes on
   */
  constructor(maxWaiting: number, onError: (error: unknown, room: string) => void) {
    this.#maxWaiting = maxWaiting;
    this.#onError = onError;
  }

  /**
   * Runs a task now, or after those that are under way in its room.
   *
   * @returns false if too many wait already; the task is then not run
   */
  run(room: string, task: Task): boolean {
    const waiting = this.#lanes.get(room);
    if (waiting === undefined) {
      this.#start(room, task);
      return true;
    }
    if (waiting.length >= this.#maxWaiting) return false;
    waiting.push(task);
    return true;
  }

  /** Forgets what waits. */
  clear(): void {
    for (const waiting of this.#lanes.values()) waiting.length = 0;
  }

  #start(room: string, task: Task): void {
    const pending = this.#attempt(room, task);
    if (pending === undefined) return;
    const waiting: Task[] = [];
    this.#lanes.set(room, waiting);
    void this.#drain(room, pending, waiting);
  }

  async #drain(room: string, first: Promise<void>, waiting: Task[]): Promise<void> {
    await first;
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      await this.#attempt(room, task);
    }
    this.#lanes.delete(room);
  }

  #attempt(room: string, task: Task): Promise<void> | undefined {
    try {
      return task()?.catch((error: unknown) => this.#onError(error, room));
    } catch (error) {
      this.#onError(error, room);
      return undefined;
    }
  }
}

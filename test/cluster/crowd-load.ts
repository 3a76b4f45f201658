import { onTestFinished } from "vitest";
import { until } from "../support/until.ts";
import type { CrowdStream } from "./crowd-streams.ts";

const TURN_MS = 5;
const DEADLINE_MS = 30_000;

/** Lets streams send, one after the other at a steady pace, until it is told to stop. */
export class CrowdLoad {
  readonly #streams: readonly CrowdStream[];
  readonly #failures: unknown[] = [];
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param streams all of them get their turn before the first one gets another */
  constructor(streams: readonly CrowdStream[]) {
    this.#streams = streams;
    onTestFinished(() => clearInterval(this.#timer));
  }

  /** Begins, or goes on. */
  start(): void {
    this.#timer = setInterval(() => {
      const stream = this.#streams[this.#turn % this.#streams.length];
      this.#turn += 1;
      stream?.next().catch((error: unknown) => this.#failures.push(error));
    }, TURN_MS);
  }

  /** Sends nothing more, and waits until all that was sent is answered or given up. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const isQuiet = (): boolean => this.#streams.every(({ isBusy }) => !isBusy);
    await until("all answers", isQuiet, DEADLINE_MS);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  /** Waits until every stream has had so many more messages taken. */
  async progress(count: number): Promise<void> {
    const taken = (): number[] =>
      this.#streams.map(({ sent }) => sent.filter(({ isTaken }) => isTaken).length);
    const before = taken();
    const isDone = (): boolean =>
      taken().every((now, index) => now >= (before[index] ?? 0) + count);
    await until(`${count} more messages of each sender`, isDone, DEADLINE_MS);
  }
}

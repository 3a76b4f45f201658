import type { Clock } from "../../../clock.ts";
import { RecordsUnavailable } from "../../../records/record-store.ts";
import { processStates } from "./process.ts";
import { overdueProcess } from "./process-life.ts";
import type { Processes } from "./processes.ts";

/** What the deadlines need of their surroundings. */
export interface DeadlinesContext {
  readonly processes: Pick<Processes, "overdue" | "replace" | "micros" | "trim">;
  readonly clock: Clock;
  /** Processes that have ended well, and such that have not, which are kept at most. */
  readonly maxEndedProcesses: number;
  readonly onCrash: (error: unknown) => void;
}

const LOOK_EVERY_MS = 1000;
/** Processes that are looked at together. */
const PAGE = 500;
const ENDED = [processStates.success, processStates.failed];

/**
 * Ends what waits or runs for too long, and forgets what ended if there is too much of it. Every
 * node looks once a second; whichever changes a process first has done it.
 */
export class Deadlines {
  readonly #context: DeadlinesContext;
  readonly #stopLooking: () => void;
  #isLooking: boolean = false;
  /** Whether it is time to look, also if that is being done. */
  #isDue: boolean = false;
  #isStopped: boolean = false;

  constructor(context: DeadlinesContext) {
    this.#context = context;
    this.#stopLooking = context.clock.every(LOOK_EVERY_MS, () => void this.#look());
  }

  /** Looks no longer. Harmless when repeated. */
  stop(): void {
    this.#isStopped = true;
    this.#stopLooking();
  }

  async #look(): Promise<void> {
    this.#isDue = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isDue && !this.#isStopped) {
        this.#isDue = false;
        if (await this.#endPage()) this.#isDue = true;
        else await this.#trim();
      }
    } catch (error) {
      // Records that cannot be reached are looked at again in a second; Redis tells its status.
      if (!(error instanceof RecordsUnavailable)) this.#context.onCrash(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #trim(): Promise<void> {
    const { processes, maxEndedProcesses } = this.#context;
    for (const state of ENDED) await processes.trim(state, maxEndedProcesses);
  }

  /** @returns whether there may be more */
  async #endPage(): Promise<boolean> {
    const { processes } = this.#context;
    const page = await processes.overdue(PAGE);
    await Promise.all(
      page.map((kept) => processes.replace(kept, overdueProcess(kept.process, processes.micros()))),
    );
    return page.length === PAGE;
  }
}

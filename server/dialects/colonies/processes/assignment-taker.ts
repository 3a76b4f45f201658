import { done, type Failure, type Outcome } from "../wire/outcome.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { type Process, processStates } from "./process.ts";
import {
  assignedProcess,
  isOverdue,
  overdueProcess,
  rankOf,
  returnedProcess,
} from "./process-life.ts";
import type { KeptProcess } from "./process-record.ts";
import type { Processes } from "./processes.ts";

/** What an executor can run. */
export interface Demand {
  readonly executorId: string;
  /** Indexes of waiting processes; everything in them will do. */
  readonly indexes: readonly string[];
  /** Why the executor may have no process any more, or undefined if it may. */
  readonly check: () => Promise<Failure | undefined>;
}

/** One who wants a process now. */
export interface Asker {
  readonly demand: Demand;
  /** Whether it takes nothing any more. */
  readonly isOver: () => boolean;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Told where there is something that it leaves to others. */
  readonly onLeft: () => void;
}

/** Processes that are tried before the index is read again. */
const CANDIDATES = 8;

const PHRASE = phraseOf("assignprocessmsg");
const LOST: Failure = { status: 500, message: `${PHRASE}, process not found` };

/** What is answered where nobody hears it. */
export const CLIENT_GONE: Failure = { status: 499, message: `${PHRASE}, the client is gone` };

/** Takes waiting processes for executors; of all who try, on all nodes, one gets each. */
export class AssignmentTaker {
  readonly #processes: Pick<Processes, "waiting" | "replace" | "change" | "micros">;

  constructor(processes: Pick<Processes, "waiting" | "replace" | "change" | "micros">) {
    this.#processes = processes;
  }

  /**
   * Takes the first process that is to be had.
   *
   * @returns undefined where there is none, or where the asker takes nothing any more
   */
  async take(asker: Asker): Promise<Outcome<Process> | undefined> {
    for (;;) {
      const candidates = await this.#candidates(asker.demand);
      if (candidates.length === 0) return undefined;
      const failure = await asker.demand.check();
      if (failure !== undefined) {
        asker.onLeft();
        return { ok: false, failure };
      }
      for (const kept of candidates) {
        if (asker.isOver()) {
          asker.onLeft();
          return undefined;
        }
        const taken = await this.#takeOne(kept, asker);
        if (taken === undefined) continue;
        if (candidates.length > 1) asker.onLeft();
        return taken;
      }
    }
  }

  async #candidates({ indexes }: Demand): Promise<readonly KeptProcess[]> {
    const found = await Promise.all(
      indexes.map((index) => this.#processes.waiting(index, { limit: CANDIDATES })),
    );
    return found.flat().sort((a, b) => rankOf(a.process) - rankOf(b.process));
  }

  /** @returns undefined where the process is not to be had */
  async #takeOne(
    kept: KeptProcess,
    { demand, signal }: Asker,
  ): Promise<Outcome<Process> | undefined> {
    const processes = this.#processes;
    const micros = processes.micros();
    if (isOverdue(kept.process, micros)) {
      await processes.replace(kept, overdueProcess(kept.process, micros));
      return undefined;
    }
    const process = assignedProcess(kept.process, demand.executorId, micros);
    if (!(await processes.replace(kept, process))) return undefined;
    return signal.aborted ? this.#giveBack(process) : done(process);
  }

  /** Nobody would ever hear whose the process is. */
  async #giveBack(taken: Process): Promise<Outcome<Process>> {
    const outcome = await this.#processes.change(taken.processid, LOST, (process) => {
      const isOurs =
        process.state === processStates.running &&
        process.assignedexecutorid === taken.assignedexecutorid &&
        process.starttime === taken.starttime;
      return done(isOurs ? returnedProcess(process, this.#processes.micros()) : process);
    });
    return outcome.ok ? { ok: false, failure: CLIENT_GONE } : outcome;
  }
}

import type { Clock } from "../../clock.ts";
import { AssignmentLine, Ticket } from "./assignment-line.ts";
import { done, type Failure, type Outcome } from "./outcome.ts";
import { type Process, processStates } from "./process.ts";
import {
  assignedProcess,
  isOverdue,
  overdueProcess,
  rankOf,
  returnedProcess,
} from "./process-life.ts";
import { type KeptProcess, waitingIndexesOf } from "./process-record.ts";
import type { Processes } from "./processes.ts";
import { phraseOf } from "./request-phrase.ts";

/** What the assignments need of their surroundings. */
export interface AssignmentsContext {
  readonly processes: Pick<Processes, "waiting" | "watch" | "replace" | "change" | "micros">;
  readonly clock: Clock;
  /** Executors that may wait at this node. */
  readonly maxWaitingAssigns: number;
}

/** What an executor can run. */
export interface Demand {
  readonly executorId: string;
  /** Indexes of waiting processes; everything in them will do. */
  readonly indexes: readonly string[];
  /** Why the executor may have no process any more, or undefined if it may. */
  readonly check: () => Promise<Failure | undefined>;
}

/** What is known of whoever asks. */
interface Asker {
  readonly demand: Demand;
  readonly ticket: Ticket<Failure>;
  readonly signal: AbortSignal;
}

const MAX_TIMEOUT_SECS = 3600;
/** In case a word of a process was lost. */
const RETRY_EVERY_MS = 1000;
/** Processes that are tried before the index is read again. */
const CANDIDATES = 8;

const PHRASE = phraseOf("assignprocessmsg");
const NONE: Failure = { status: 404, message: "No process available for assignment" };
const BUSY: Failure = { status: 503, message: `${PHRASE}, too many executors are waiting` };
const STOPPED: Failure = { status: 503, message: `${PHRASE}, the server is stopping` };
const GONE: Failure = { status: 499, message: `${PHRASE}, the client is gone` };
const LOST: Failure = { status: 500, message: `${PHRASE}, process not found` };

/** Gives waiting processes to executors: each process to one, whichever nodes they ask. */
export class Assignments {
  readonly #context: AssignmentsContext;
  readonly #line = new AssignmentLine<Failure>();
  readonly #ends: readonly (() => void)[];
  #isStopped: boolean = false;

  constructor(context: AssignmentsContext) {
    this.#context = context;
    this.#ends = [
      context.processes.watch((_id, process) => this.#note(process)),
      context.clock.every(RETRY_EVERY_MS, () => this.#line.callEach()),
    ];
  }

  /** How many executors wait at this node. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Gives an executor the first process that it can run, as soon as there is one.
   *
   * @param timeoutSecs to wait, at most an hour; less than 0 does not wait
   * @param signal aborted when the client is gone: it then gets no process
   * @throws RecordsUnavailable where the processes cannot be reached
   */
  async assign(
    demand: Demand,
    timeoutSecs: number,
    signal: AbortSignal,
  ): Promise<Outcome<Process>> {
    if (this.#isStopped) return { ok: false, failure: STOPPED };
    const isFull = this.#line.size >= this.#context.maxWaitingAssigns;
    if (isFull && timeoutSecs > 0) return { ok: false, failure: BUSY };
    const ticket = new Ticket<Failure>(demand.indexes);
    const end = this.#limit(ticket, timeoutSecs, signal);
    this.#line.add(ticket);
    try {
      return await this.#attend({ demand, ticket, signal }, timeoutSecs < 0);
    } finally {
      this.#line.remove(ticket);
      end();
    }
  }

  /** Answers all who wait. Harmless when repeated. */
  stop(): void {
    this.#isStopped = true;
    for (const end of this.#ends) end();
    this.#line.finish(STOPPED);
  }

  /** @returns a function that takes the limits away */
  #limit(ticket: Ticket<Failure>, timeoutSecs: number, signal: AbortSignal): () => void {
    const onAbort = (): void => ticket.finish(GONE);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const timeoutMs = Math.min(timeoutSecs, MAX_TIMEOUT_SECS) * 1000;
    const cancel =
      timeoutSecs < 0 ? undefined : this.#context.clock.after(timeoutMs, () => ticket.finish(NONE));
    return () => {
      cancel?.();
      signal.removeEventListener("abort", onAbort);
    };
  }

  async #attend(asker: Asker, isOneTry: boolean): Promise<Outcome<Process>> {
    const { ticket, demand } = asker;
    for (;;) {
      if (ticket.end !== undefined) {
        if (ticket.isCalled) this.#callOthers(demand);
        return { ok: false, failure: ticket.end };
      }
      ticket.isCalled = false;
      const taken = await this.#take(asker);
      if (taken !== undefined) return taken;
      if (isOneTry) ticket.finish(NONE);
      await this.#line.rest(ticket);
    }
  }

  /** @returns undefined where there is no process, or where it was of no use any more */
  async #take(asker: Asker): Promise<Outcome<Process> | undefined> {
    for (;;) {
      const candidates = await this.#candidates(asker.demand);
      if (candidates.length === 0) return undefined;
      const failure = await asker.demand.check();
      if (failure !== undefined) {
        this.#callOthers(asker.demand);
        return { ok: false, failure };
      }
      for (const kept of candidates) {
        if (asker.ticket.end !== undefined) {
          this.#callOthers(asker.demand);
          return undefined;
        }
        const process = await this.#takeOne(kept, asker);
        if (process === undefined) continue;
        if (candidates.length > 1) this.#callOthers(asker.demand);
        return process;
      }
    }
  }

  /** @returns undefined where the process is not to be had */
  async #takeOne(kept: KeptProcess, asker: Asker): Promise<Outcome<Process> | undefined> {
    const { processes } = this.#context;
    const micros = processes.micros();
    if (isOverdue(kept.process, micros)) {
      await processes.replace(kept, overdueProcess(kept.process, micros));
      return undefined;
    }
    const process = assignedProcess(kept.process, asker.demand.executorId, micros);
    if (!(await processes.replace(kept, process))) return undefined;
    if (!asker.signal.aborted) return done(process);
    return this.#giveBack(process);
  }

  /** Nobody would ever hear that the process is theirs. */
  async #giveBack(taken: Process): Promise<Outcome<Process>> {
    const { processes } = this.#context;
    const outcome = await processes.change(taken.processid, LOST, (process) => {
      const isOurs =
        process.state === processStates.running &&
        process.assignedexecutorid === taken.assignedexecutorid &&
        process.starttime === taken.starttime;
      return done(isOurs ? returnedProcess(process, processes.micros()) : process);
    });
    return outcome.ok ? { ok: false, failure: GONE } : outcome;
  }

  async #candidates({ indexes }: Demand): Promise<readonly KeptProcess[]> {
    const { processes } = this.#context;
    const found = await Promise.all(indexes.map((index) => processes.waiting(index, CANDIDATES)));
    const byRank = (a: KeptProcess, b: KeptProcess): number =>
      rankOf(a.process) - rankOf(b.process);
    return found.flat().sort(byRank);
  }

  /** What one leaves, others may want. */
  #callOthers({ indexes }: Demand): void {
    for (const index of indexes) this.#line.call(index);
  }

  #note(process: Process | undefined): void {
    if (process === undefined) return;
    for (const index of waitingIndexesOf(process)) this.#line.call(index);
  }
}

import type { Clock } from "../../../clock.ts";
import type { Failure, Outcome } from "../wire/outcome.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { AssignmentLine, Ticket } from "./assignment-line.ts";
import { type Asker, AssignmentTaker, CLIENT_GONE, type Demand } from "./assignment-taker.ts";
import { type Process, processStates } from "./process.ts";
import { stateIndex, waitingIndexesOf } from "./process-record.ts";
import type { Processes } from "./processes.ts";

/** What the assignments need of their surroundings. */
export interface AssignmentsContext {
  readonly processes: Pick<Processes, "waiting" | "watch" | "replace" | "change" | "micros">;
  readonly clock: Clock;
  /** Executors that may wait at this node. */
  readonly maxWaitingAssigns: number;
}

const MAX_TIMEOUT_SECS = 3600;
/** In case a word of a process was lost. */
const RETRY_EVERY_MS = 1000;
/** Waiting processes that are then looked at for all executors together: the last submitted. */
const LOOKED_AT = 32;
/** Where more wait, each executor looks itself, at one of so many times. */
const RETRIES_FOR_ALL = 5;

const PHRASE = phraseOf("assignprocessmsg");
const NONE: Failure = { status: 404, message: "No process available for assignment" };
const BUSY: Failure = { status: 503, message: `${PHRASE}, too many executors are waiting` };
const STOPPED: Failure = { status: 503, message: `${PHRASE}, the server is stopping` };

/** Gives waiting processes to executors: each process to one, whichever nodes they ask. */
export class Assignments {
  readonly #context: AssignmentsContext;
  readonly #taker: AssignmentTaker;
  readonly #line = new AssignmentLine<Failure>();
  readonly #ends: readonly (() => void)[];
  #isRetrying: boolean = false;
  #isStopped: boolean = false;

  constructor(context: AssignmentsContext) {
    this.#context = context;
    this.#taker = new AssignmentTaker(context.processes);
    this.#ends = [
      context.processes.watch((_id, process) => this.#note(process)),
      context.clock.every(RETRY_EVERY_MS, () => void this.#retry()),
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
    const onLeft = (): void => this.#callOthers(ticket);
    const isOver = (): boolean => ticket.end !== undefined;
    const lift = this.#limit(ticket, timeoutSecs, signal);
    this.#line.add(ticket);
    try {
      return await this.#attend(ticket, { demand, signal, isOver, onLeft }, timeoutSecs < 0);
    } finally {
      this.#line.remove(ticket);
      lift();
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
    const onAbort = (): void => ticket.finish(CLIENT_GONE);
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

  async #attend(
    ticket: Ticket<Failure>,
    asker: Asker,
    isOneTry: boolean,
  ): Promise<Outcome<Process>> {
    for (;;) {
      if (ticket.end !== undefined) {
        if (ticket.isCalled) this.#callOthers(ticket);
        return { ok: false, failure: ticket.end };
      }
      ticket.isCalled = false;
      const taken = await this.#taker.take(asker);
      if (taken !== undefined) return taken;
      if (isOneTry) ticket.finish(NONE);
      await this.#line.rest(ticket);
    }
  }

  /** What one leaves, others may want. */
  #callOthers({ indexes }: Ticket<Failure>): void {
    for (const index of indexes) this.#line.call(index);
  }

  /** Looks for what nobody was told of: once for all, since most of the time there is nothing. */
  async #retry(): Promise<void> {
    if (this.#isRetrying || this.#line.size === 0) return;
    this.#isRetrying = true;
    try {
      const index = stateIndex(processStates.waiting);
      const listing = { limit: LOOKED_AT, isDescending: true };
      const kept = await this.#context.processes.waiting(index, listing);
      for (const { process } of kept) this.#note(process);
      const share = Math.ceil(this.#line.size / RETRIES_FOR_ALL);
      if (kept.length === LOOKED_AT) this.#line.callLongest(share);
    } catch {
      // Each finds out the same, and tells its client.
      this.#line.callLongest(this.#line.size);
    } finally {
      this.#isRetrying = false;
    }
  }

  #note(process: Process | undefined): void {
    if (process === undefined) return;
    for (const index of waitingIndexesOf(process)) this.#line.call(index);
  }
}

import type { Clock } from "../../../clock.ts";
import type { Listing, RecordStore } from "../../../records/record-store.ts";
import { isIdentity, isName } from "../registry/registry-names.ts";
import { retried } from "../registry/retried.ts";
import { done, type Failure, type Outcome } from "../wire/outcome.ts";
import {
  type FunctionSpec,
  type KnownProcesses,
  type Process,
  type ProcessState,
  processStates,
} from "./process.ts";
import { failedProcess, type Initiator, returnedProcess, waitingProcess } from "./process-life.ts";
import {
  changeTo,
  colonyIndex,
  DEADLINES,
  type KeptProcess,
  processKey,
  runningIndex,
  stateIndex,
  toKept,
} from "./process-record.ts";
import { type ProcessListener, ProcessWatchers } from "./process-watchers.ts";

/** What the processes need of their surroundings. */
export interface ProcessesContext {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
  /** How long a process is kept that has ended, in ms. */
  readonly keepEndedMs: number;
  /** Takes what a listener threw. */
  readonly onCrash: (error: unknown) => void;
}

const ID_BYTES = 32;
/** Processes that are changed or removed at a time. */
const PAGE = 500;

/** The processes of all colonies, the same on every node. */
export class Processes implements KnownProcesses {
  readonly #context: ProcessesContext;
  readonly #records: RecordStore;
  readonly #watchers: ProcessWatchers;
  #lastMicros = 0;

  constructor(context: ProcessesContext) {
    this.#context = context;
    this.#records = context.records;
    this.#watchers = new ProcessWatchers(context.records, context.onCrash);
  }

  /** The present in microseconds; never the same twice, so that it tells what was first. */
  micros(): number {
    this.#lastMicros = Math.max(this.#context.clock.now() * 1000, this.#lastMicros + 1);
    return this.#lastMicros;
  }

  async find(processId: string): Promise<Process | undefined> {
    return (await this.#find(processId))?.process;
  }

  watch(listener: ProcessListener): () => void {
    return this.#watchers.add(listener);
  }

  /** How many processes are in a state: of all colonies, or of one. */
  count(state: ProcessState, colony?: string): Promise<number> {
    return this.#records.count(
      colony === undefined ? stateIndex(state) : colonyIndex(colony, state),
    );
  }

  /** Processes of a colony, the last submitted first. */
  async list(colony: string, state: ProcessState, limit: number): Promise<readonly Process[]> {
    if (!isName(colony)) return [];
    const kept = await this.#list(colonyIndex(colony, state), { limit, isDescending: true });
    return kept.map(({ process }) => process);
  }

  /** Processes of an index of waiting ones. */
  waiting(index: string, listing: Listing): Promise<readonly KeptProcess[]> {
    return this.#list(index, listing);
  }

  /** Processes whose time is over. */
  overdue(limit: number): Promise<readonly KeptProcess[]> {
    return this.#list(DEADLINES, { upTo: this.#context.clock.now(), limit });
  }

  /** Adds a process, which then waits for an executor. */
  async add(spec: FunctionSpec, initiator: Initiator): Promise<Process> {
    const micros = this.micros();
    return retried(async () => {
      const id = this.#context.randomBytes(ID_BYTES).toString("hex");
      const process = waitingProcess(id, spec, initiator, micros);
      return (await this.#write(process, 0)) ? process : undefined;
    });
  }

  /**
   * Puts a process in the place of what it was.
   *
   * @returns false if somebody was faster
   */
  replace({ version }: KeptProcess, next: Process): Promise<boolean> {
    return this.#write(next, version);
  }

  /**
   * Changes a process.
   *
   * @param missing why that fails where there is no such process
   * @param next what it is to be, or why not; the same process changes nothing. Asked again where
   *   somebody else has changed it meanwhile
   */
  change(
    processId: string,
    missing: Failure,
    next: (process: Process) => Outcome<Process>,
  ): Promise<Outcome<Process>> {
    return retried(async () => {
      const kept = await this.#find(processId);
      if (kept === undefined) return { ok: false, failure: missing };
      const outcome = next(kept.process);
      if (!outcome.ok || outcome.value === kept.process) return outcome;
      return (await this.replace(kept, outcome.value)) ? outcome : undefined;
    });
  }

  /** Removes a process if `check` finds no failure. */
  remove(
    processId: string,
    missing: Failure,
    check: (process: Process) => Failure | undefined,
  ): Promise<Outcome<undefined>> {
    return retried(async () => {
      const kept = await this.#find(processId);
      const failure = kept === undefined ? missing : check(kept.process);
      if (kept === undefined || failure !== undefined) {
        return { ok: false, failure: failure ?? missing };
      }
      const isRemoved = await this.#records.remove(processKey(processId), kept.version);
      return isRemoved ? done(undefined) : undefined;
    });
  }

  /** Removes the oldest processes in a state, where there are more than so many in all colonies. */
  async trim(state: ProcessState, most: number): Promise<void> {
    const excess = (await this.count(state)) - most;
    if (excess <= 0) return;
    const oldest = await this.#list(stateIndex(state), { limit: Math.min(excess, PAGE) });
    await Promise.all(
      oldest.map(({ process, version }) =>
        this.#records.remove(processKey(process.processid), version),
      ),
    );
  }

  /** Removes all processes of a colony in a state. */
  async removeAll(colony: string, state: ProcessState): Promise<void> {
    await this.#forEach(colonyIndex(colony, state), ({ process, version }) =>
      this.#records.remove(processKey(process.processid), version),
    );
  }

  /** Lets all processes of a colony fail that wait or run. */
  async failAll(colony: string, error: string): Promise<void> {
    for (const state of [processStates.waiting, processStates.running]) {
      await this.#forEach(colonyIndex(colony, state), (kept) =>
        this.replace(kept, failedProcess(kept.process, [error], this.micros())),
      );
    }
  }

  /** Lets everything wait again that an executor runs as one of a type. */
  async returnAll(colony: string, executorId: string, type: string): Promise<void> {
    await this.#forEach(runningIndex(colony, executorId, type), (kept) =>
      this.replace(kept, returnedProcess(kept.process, this.micros())),
    );
  }

  /** Hears of no change any longer. Harmless when repeated. */
  stop(): void {
    this.#watchers.stop();
  }

  /** @param change takes a process out of the index, or gives false where somebody was faster */
  async #forEach(index: string, change: (kept: KeptProcess) => Promise<boolean>): Promise<void> {
    for (;;) {
      const page = await this.#list(index, { limit: PAGE });
      if (page.length === 0) return;
      await Promise.all(page.map(change));
    }
  }

  async #find(processId: string): Promise<KeptProcess | undefined> {
    if (!isIdentity(processId)) return undefined;
    const record = await this.#records.read(processKey(processId));
    return record && toKept(record);
  }

  async #list(
    ...[index, listing]: Parameters<RecordStore["list"]>
  ): Promise<readonly KeptProcess[]> {
    return (await this.#records.list(index, listing)).map(toKept);
  }

  #write(process: Process, version: number): Promise<boolean> {
    return this.#records.write(changeTo(process, version, this.#context.keepEndedMs));
  }
}

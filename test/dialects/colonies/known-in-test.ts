import {
  type KnownProcesses,
  type Membership,
  NO_TIME,
  type Process,
  processStates,
} from "../../../server/dialects/colonies/processes/process.ts";
import type { Failure } from "../../../server/dialects/colonies/wire/outcome.ts";
import { RecordsUnavailable } from "../../../server/records/record-store.ts";
import { functionSpec } from "../../support/colonies-spec.ts";

/** Ids as SHA3-256 has them. */
export const PROCESS = "b".repeat(64);
export const SUBMITTER = "1".repeat(64);
export const EXECUTOR = "2".repeat(64);
/** Belongs to the colony, and has nothing to do with the process. */
export const MEMBER = "3".repeat(64);
export const STRANGER = "4".repeat(64);
const COLONY = "my-colony";

type Listener = (processId: string, process: Process | undefined) => void;

/** A process that runs, with the channels `output` and `chat`, and what a test changes of it. */
export function processWith(
  changes: Partial<Process> = {},
  channels = ["output", "chat"],
): Process {
  return {
    processid: PROCESS,
    initiatorid: SUBMITTER,
    initiatorname: "ann",
    assignedexecutorid: EXECUTOR,
    isassigned: true,
    state: processStates.running,
    prioritytime: 0,
    submissiontime: NO_TIME,
    starttime: NO_TIME,
    endtime: NO_TIME,
    waitdeadline: NO_TIME,
    execdeadline: NO_TIME,
    retries: 0,
    attributes: [],
    spec: functionSpec({
      funcname: "stream",
      conditions: { colonyname: COLONY, executornames: [], executortype: "streamer" },
      channels,
    }),
    waitforparents: false,
    parents: [],
    children: [],
    processgraphid: "",
    in: [],
    out: [],
    errors: [],
    ...changes,
  };
}

/** Processes and members that a test makes up. All nodes of a test may share them. */
export class KnownInTest implements KnownProcesses, Membership {
  isReachable: boolean = true;
  /** Called before each look-up, with how many there were. */
  beforeFind: (count: number) => void | Promise<void> = () => {};
  readonly #processes = new Map<string, Process>();
  readonly #listeners = new Set<Listener>();
  readonly #members: ReadonlySet<string> = new Set([SUBMITTER, EXECUTOR, MEMBER]);
  #finds = 0;

  constructor() {
    this.put(processWith());
  }

  async find(processId: string): Promise<Process | undefined> {
    this.#finds += 1;
    await this.beforeFind(this.#finds);
    if (!this.isReachable) throw new RecordsUnavailable("away");
    return this.#processes.get(processId);
  }

  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async failure(identity: string, colonyName: string): Promise<Failure | undefined> {
    if (!this.isReachable) throw new RecordsUnavailable("away");
    if (colonyName === COLONY && this.#members.has(identity)) return undefined;
    return {
      status: 403,
      message: `Access denied, not a member of Colony with name ${colonyName}`,
    };
  }

  /** Changes a process, and tells all nodes unless the word is lost. */
  put(process: Process, isTold = true): void {
    this.#processes.set(process.processid, process);
    if (isTold) this.#tell(process.processid, process);
  }

  /** Removes a process, and tells all nodes. */
  remove(processId: string): void {
    this.#processes.delete(processId);
    this.#tell(processId, undefined);
  }

  /** Ends the process of the test as failed or successful. */
  end(nowMs: number, errors: readonly string[] = [], isTold = true): void {
    const state = errors.length === 0 ? processStates.success : processStates.failed;
    this.put(processWith({ state, errors, endtime: new Date(nowMs).toISOString() }), isTold);
  }

  #tell(processId: string, process: Process | undefined): void {
    for (const listener of this.#listeners) listener(processId, process);
  }
}

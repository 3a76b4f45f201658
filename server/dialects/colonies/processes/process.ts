import type { Failure } from "../wire/outcome.ts";

/** Where a process is in its life, by the numbers of the wire. */
export const processStates = { waiting: 0, running: 1, success: 2, failed: 3 } as const;

/** A number of {@link processStates}. */
export type ProcessState = (typeof processStates)[keyof typeof processStates];

/** What is to be done, as its submitter wrote it, with every member filled in. */
export interface FunctionSpec {
  readonly nodename: string;
  readonly funcname: string;
  readonly args: readonly unknown[];
  readonly kwargs: object;
  readonly priority: number;
  /** Seconds; 0 or less: no limit. */
  readonly maxwaittime: number;
  /** Seconds; 0 or less: no limit. */
  readonly maxexectime: number;
  /** How often a process may be started again after its time; less than 0: always. */
  readonly maxretries: number;
  readonly conditions: {
    readonly colonyname: string;
    readonly executornames: readonly string[];
    readonly executortype: string;
    readonly [other: string]: unknown;
  };
  readonly label: string;
  readonly fs: object;
  readonly env: object;
  /** Absent where there are none; each name once. */
  readonly channels?: readonly string[];
}

/** A process as clients see it. Times are RFC 3339; one that is not set is {@link NO_TIME}. */
export interface Process {
  readonly processid: string;
  readonly initiatorid: string;
  readonly initiatorname: string;
  readonly assignedexecutorid: string;
  readonly isassigned: boolean;
  readonly state: ProcessState;
  readonly prioritytime: number;
  readonly submissiontime: string;
  readonly starttime: string;
  readonly endtime: string;
  readonly waitdeadline: string;
  readonly execdeadline: string;
  readonly retries: number;
  readonly attributes: readonly unknown[];
  readonly spec: FunctionSpec;
  readonly waitforparents: boolean;
  readonly parents: readonly string[];
  readonly children: readonly string[];
  readonly processgraphid: string;
  readonly in: readonly unknown[];
  readonly out: readonly unknown[];
  readonly errors: readonly string[];
}

/** A time that is not set. */
export const NO_TIME = "0001-01-01T00:00:00Z";

/** Whether a process has come to its end. */
export function isOver({ state }: Pick<Process, "state">): boolean {
  return state === processStates.success || state === processStates.failed;
}

/** The processes, as other parts see them. */
export interface KnownProcesses {
  /** @throws RecordsUnavailable where they cannot be reached */
  find(processId: string): Promise<Process | undefined>;
  /**
   * Tells of each change on any node: the process as it is now, or only its id where it was
   * removed.
   *
   * @returns a function that ends it; harmless when repeated
   */
  watch(listener: (processId: string, process: Process | undefined) => void): () => void;
}

/** Who belongs to which colony. */
export interface Membership {
  /**
   * Why an identity is no member of a colony, or undefined if it is one.
   *
   * @throws RecordsUnavailable where that cannot be found out
   */
  failure(identity: string, colonyName: string): Promise<Failure | undefined>;
}

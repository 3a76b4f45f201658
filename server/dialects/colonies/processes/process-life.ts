import {
  type FunctionSpec,
  NO_TIME,
  type Process,
  type ProcessState,
  processStates,
} from "./process.ts";
import { microsOf, timeText } from "./process-time.ts";

/** Who submits a process. */
export interface Initiator {
  readonly id: string;
  readonly name: string;
}

const MICROS_PER_SECOND = 1_000_000;
const MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
/** A hundred years: who asks for more gets no limit, since no date may be past what texts can say. */
const MAX_LIMIT_SECS = 3_155_760_000;

const WAITED_TOO_LONG = "Maximum waiting time limit exceeded";
const RAN_TOO_LONG = "Maximum execution time limit exceeded";

/** A process that was submitted just now. */
export function waitingProcess(
  id: string,
  spec: FunctionSpec,
  initiator: Initiator,
  micros: number,
): Process {
  return {
    processid: id,
    initiatorid: initiator.id,
    initiatorname: initiator.name,
    assignedexecutorid: "",
    isassigned: false,
    state: processStates.waiting,
    prioritytime: rankAt(micros, spec.priority) * 1000,
    submissiontime: timeText(micros),
    starttime: NO_TIME,
    endtime: NO_TIME,
    waitdeadline: deadline(micros, spec.maxwaittime),
    execdeadline: NO_TIME,
    retries: 0,
    attributes: [],
    spec,
    waitforparents: false,
    parents: [],
    children: [],
    processgraphid: "",
    in: [],
    out: [],
    errors: [],
  };
}

/**
 * Which waiting process comes first: the one with the lowest rank. Priority time in microseconds,
 * since nanoseconds are not exact in a double.
 */
export function rankOf({ submissiontime, spec }: Process): number {
  return rankAt(microsOf(submissiontime), spec.priority);
}

/** A waiting process, given to an executor. */
export function assignedProcess(process: Process, executorId: string, micros: number): Process {
  return {
    ...process,
    state: processStates.running,
    isassigned: true,
    assignedexecutorid: executorId,
    starttime: timeText(micros),
    execdeadline: deadline(micros, process.spec.maxexectime),
  };
}

/** A running process, taken from its executor to wait again. It keeps its rank. */
export function returnedProcess(process: Process, micros: number): Process {
  return {
    ...process,
    state: processStates.waiting,
    isassigned: false,
    assignedexecutorid: "",
    starttime: NO_TIME,
    waitdeadline: deadline(micros, process.spec.maxwaittime),
    execdeadline: NO_TIME,
  };
}

/** A process that has done what it should. */
export function successfulProcess(
  process: Process,
  out: readonly unknown[],
  micros: number,
): Process {
  return { ...endedProcess(process, processStates.success, micros), out };
}

/** A process that has not. */
export function failedProcess(
  process: Process,
  errors: readonly string[],
  micros: number,
): Process {
  return { ...endedProcess(process, processStates.failed, micros), errors };
}

/** When the time of a process is over, in microseconds; undefined where it has no limit. */
export function deadlineOf({ state, waitdeadline, execdeadline }: Process): number | undefined {
  const text = state === processStates.waiting ? waitdeadline : execdeadline;
  const isLimited = state === processStates.waiting || state === processStates.running;
  return isLimited && text !== NO_TIME ? microsOf(text) : undefined;
}

/** Whether the time of a process is over. */
export function isOverdue(process: Process, micros: number): boolean {
  const atMicros = deadlineOf(process);
  return atMicros !== undefined && atMicros <= micros;
}

/** What becomes of a process whose time is over: it fails, or waits to be tried again. */
export function overdueProcess(process: Process, micros: number): Process {
  if (process.state === processStates.waiting) {
    return failedProcess(process, [WAITED_TOO_LONG], micros);
  }
  const { retries, spec } = process;
  const isLast = spec.maxretries >= 0 && retries >= spec.maxretries;
  if (isLast) return failedProcess(process, [RAN_TOO_LONG], micros);
  return { ...returnedProcess(process, micros), retries: retries + 1 };
}

function endedProcess(process: Process, state: ProcessState, micros: number): Process {
  return { ...process, state, endtime: timeText(micros) };
}

function rankAt(submissionMicros: number, priority: number): number {
  return submissionMicros - priority * MICROS_PER_DAY;
}

function deadline(fromMicros: number, limitSecs: number): string {
  if (limitSecs <= 0 || limitSecs > MAX_LIMIT_SECS) return NO_TIME;
  return timeText(fromMicros + limitSecs * MICROS_PER_SECOND);
}

import type { Place, RecordChange, StoredRecord } from "../../../records/record-store.ts";
import { keyOf } from "../registry/registry-keys.ts";
import { isOver, type Process, type ProcessState, processStates } from "./process.ts";
import { deadlineOf, rankOf } from "./process-life.ts";
import { microsOf } from "./process-time.ts";

/** A process and what changing it takes. */
export interface KeptProcess {
  readonly process: Process;
  readonly version: number;
}

/** Processes by the time at which their limit ends, in ms. */
export const DEADLINES = keyOf("deadlines");

const PREFIX = keyOf("process:");

/** The key of a process. */
export function processKey(id: string): string {
  return PREFIX + id;
}

/** The id of the process that a key is of, if it is of one. */
export function processIdOf(key: string): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
}

/** Reads a process. Only nodes write records, so what is in them is what was once put there. */
export function readProcess(text: string): Process {
  return JSON.parse(text) as Process;
}

/** A record as a process. */
export function toKept({ text, version }: StoredRecord): KeptProcess {
  return { process: readProcess(text), version };
}

/** The change that puts a process in the place of what was there. */
export function changeTo(process: Process, version: number, keepEndedMs: number): RecordChange {
  return {
    key: processKey(process.processid),
    text: JSON.stringify(process),
    version,
    places: placesOf(process),
    lifeMs: isOver(process) ? keepEndedMs : undefined,
  };
}

/** All processes in a state. */
export function stateIndex(state: ProcessState): string {
  return keyOf("processes-in-state", String(state));
}

/** The processes of a colony in a state, the first submitted first. */
export function colonyIndex(colony: string, state: ProcessState): string {
  return keyOf("processes-in-state", String(state), colony);
}

/** What an executor runs as one of a type. */
export function runningIndex(colony: string, executorId: string, type: string): string {
  return keyOf("running", colony, executorId, type);
}

/**
 * The processes that wait for an executor, by rank.
 *
 * @param names type of executor, and its name where the process asks for certain ones; nothing for
 *   all processes that wait in the colony
 */
export function waitingIndex(colony: string, ...names: readonly string[]): string {
  return keyOf("waiting", colony, ...names);
}

/** All indexes of waiting processes that a process belongs in, if it waits. */
export function waitingIndexesOf({ state, spec }: Process): readonly string[] {
  if (state !== processStates.waiting) return [];
  const { colonyname, executortype, executornames } = spec.conditions;
  const names = [...new Set(executornames)];
  const demands = names.length === 0 ? [[]] : names.map((name) => [name]);
  const demanded = demands.map((name) => waitingIndex(colonyname, executortype, ...name));
  return [waitingIndex(colonyname), ...demanded];
}

function placesOf(process: Process): readonly Place[] {
  const { state, spec, assignedexecutorid } = process;
  const { colonyname, executortype } = spec.conditions;
  const submittedAt = microsOf(process.submissiontime);
  const rank = rankOf(process);
  const deadline = deadlineOf(process);
  const isRunning = state === processStates.running;
  return [
    [stateIndex(state), submittedAt],
    [colonyIndex(colonyname, state), submittedAt],
    ...waitingIndexesOf(process).map((index): Place => [index, rank]),
    ...place(isRunning, runningIndex(colonyname, assignedexecutorid, executortype), submittedAt),
    ...place(deadline !== undefined, DEADLINES, Math.floor((deadline ?? 0) / 1000)),
  ];
}

function place(isThere: boolean, index: string, score: number): Place[] {
  return isThere ? [[index, score]] : [];
}

import type { Process, ProcessState } from "../processes/process.ts";

/** Event that tells the members of a channel's room how its process fares. */
export const PROCESS_EVENT = "process";

/** What {@link PROCESS_EVENT} tells. */
export interface ProcessNews {
  readonly processid: string;
  readonly state: ProcessState;
  /** Absent where there are none. */
  readonly errors?: readonly string[];
}

/** What is told of a process. */
export function newsOf({ processid, state, errors }: Process): ProcessNews {
  return errors.length === 0 ? { processid, state } : { processid, state, errors };
}

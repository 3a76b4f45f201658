import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import { COLONY } from "./api-scene.ts";

/** Means a process by its id. */
export function idOf({ processid }: Pick<Process, "processid">): object {
  return { processid };
}

/** Asks for processes in a state. */
export function listed(state: number, count = 100): object {
  return { colonyname: COLONY, count, state };
}

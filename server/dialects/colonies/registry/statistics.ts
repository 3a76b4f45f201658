import { processStates } from "../processes/process.ts";
import type { Processes } from "../processes/processes.ts";
import { executorStates } from "./executor.ts";
import type { Registry } from "./registry.ts";

/** How much there is of everything, of all colonies. There are no workflows here. */
export interface Statistics {
  readonly colonies: number;
  readonly executors: number;
  readonly activeexecutors: number;
  readonly unregisteredexecutors: number;
  readonly waitingprocesses: number;
  readonly runningprocesses: number;
  readonly successfulprocesses: number;
  readonly failedprocesses: number;
  readonly cancelledprocesses: number;
  readonly waitingworkflows: number;
  readonly runningworkflows: number;
  readonly successfulworkflows: number;
  readonly failedworkflows: number;
  readonly cancelledworkflows: number;
}

/** Counts everything. */
export async function readStatistics(
  { colonies, executors }: Pick<Registry, "colonies" | "executors">,
  processes: Pick<Processes, "count">,
): Promise<Statistics> {
  const [pending, approved, rejected, unregistered] = await Promise.all([
    executors.count(executorStates.pending),
    executors.count(executorStates.approved),
    executors.count(executorStates.rejected),
    executors.count(executorStates.unregistered),
  ]);
  const [waiting, running, success, failed] = await Promise.all([
    processes.count(processStates.waiting),
    processes.count(processStates.running),
    processes.count(processStates.success),
    processes.count(processStates.failed),
  ]);
  return {
    colonies: await colonies.count(),
    executors: pending + approved + rejected + unregistered,
    activeexecutors: approved,
    unregisteredexecutors: unregistered,
    waitingprocesses: waiting,
    runningprocesses: running,
    successfulprocesses: success,
    failedprocesses: failed,
    cancelledprocesses: 0,
    waitingworkflows: 0,
    runningworkflows: 0,
    successfulworkflows: 0,
    failedworkflows: 0,
    cancelledworkflows: 0,
  };
}

import { NO_TIME } from "../processes/process.ts";
import type { NewExecutor } from "../wire/request.ts";

/** What a colony's owner thinks of an executor, by the numbers of the wire. */
export const executorStates = { pending: 0, approved: 1, rejected: 2, unregistered: 3 } as const;

/** A number of {@link executorStates}. */
export type ExecutorState = (typeof executorStates)[keyof typeof executorStates];

/** An executor as clients see it. Times are RFC 3339. */
export interface Executor {
  readonly executorid: string;
  readonly executortype: string;
  readonly executorname: string;
  readonly colonyname: string;
  readonly state: ExecutorState;
  readonly requirefuncreg: boolean;
  readonly commissiontime: string;
  readonly lastheardfromtime: string;
  readonly locationname?: string;
  readonly capabilities: object;
  readonly allocations: object;
}

/** An executor as the settings have it. */
export interface ListedExecutor {
  readonly colony: string;
  readonly name: string;
  readonly type: string;
  readonly id: string;
}

/** An executor that waits to be approved. */
export function pendingExecutor(given: NewExecutor, time: string): Executor {
  const { executorid, executortype, executorname, colonyname, locationname, capabilities } = given;
  return {
    executorid,
    executortype,
    executorname,
    colonyname,
    state: executorStates.pending,
    requirefuncreg: false,
    commissiontime: time,
    lastheardfromtime: time,
    ...(locationname !== undefined && { locationname }),
    capabilities: capabilities ?? { hardware: null, software: null },
    allocations: { projects: null },
  };
}

/** An executor of the settings: approved from the start. */
export function listedExecutor({ colony, name, type, id }: ListedExecutor): Executor {
  const given = { executorid: id, executortype: type, executorname: name, colonyname: colony };
  return { ...pendingExecutor(given, NO_TIME), state: executorStates.approved };
}

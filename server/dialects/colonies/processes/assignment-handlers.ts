import type { Registry } from "../registry/registry.ts";
import { done, type Failure, failed, type Outcome } from "../wire/outcome.ts";
import type { Handlers } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import type { Demand } from "./assignment-taker.ts";
import type { Assignments } from "./assignments.ts";
import { type Process, type ProcessState, processStates } from "./process.ts";
import { failedProcess, successfulProcess } from "./process-life.ts";
import { waitingIndex } from "./process-record.ts";
import type { Processes } from "./processes.ts";

/** What the handlers of assignments need. */
export interface AssignmentHandlersContext {
  readonly registry: Registry;
  readonly processes: Pick<Processes, "find" | "change" | "micros">;
  readonly assignments: Pick<Assignments, "assign">;
}

type CloseRequest = "closesuccessfulmsg" | "closefailedmsg";

const closedAs: ReadonlyMap<ProcessState, string> = new Map([
  [processStates.success, "successful"],
  [processStates.failed, "failed"],
]);

/** Answers what executors do with processes. */
export function createAssignmentHandlers({
  registry,
  processes,
  assignments,
}: AssignmentHandlersContext): Handlers<"assignprocessmsg" | CloseRequest> {
  /** What an executor can run, or why it can run nothing. */
  async function demandOf(signer: string, colony: string): Promise<Outcome<Demand>> {
    const check = (): Promise<Failure | undefined> => registry.failure(signer, colony);
    const demand = { executorId: signer, check };
    if (registry.isOpenHouse) {
      const failure = await check();
      if (failure !== undefined) return { ok: false, failure };
      return done({ ...demand, indexes: [waitingIndex(colony)] });
    }
    const executors = await registry.executors.approved(colony, signer);
    if (executors.length === 0) {
      const failure = await check();
      const unknown = `${phraseOf("assignprocessmsg")}, executor not found`;
      return failure ? { ok: false, failure } : failed(500, unknown);
    }
    await Promise.all(executors.map((executor) => registry.executors.noteHeard(executor)));
    const indexes = executors.flatMap(({ executortype, executorname }) => [
      waitingIndex(colony, executortype),
      waitingIndex(colony, executortype, executorname),
    ]);
    return done({ ...demand, indexes: [...new Set(indexes)] });
  }

  async function close(
    msgtype: CloseRequest,
    processId: string,
    signer: string,
    next: (process: Process) => Outcome<Process>,
  ): Promise<Outcome<unknown>> {
    const phrase = phraseOf(msgtype);
    const missing: Failure = { status: 500, message: `${phrase}, process is nil` };
    const known = await processes.find(processId);
    if (known === undefined) return { ok: false, failure: missing };
    const failure = await registry.failure(signer, known.spec.conditions.colonyname);
    if (failure !== undefined) return { ok: false, failure };
    const outcome = await processes.change(processId, missing, (process) => {
      const { assignedexecutorid } = process;
      if (assignedexecutorid === "") return failed(403, `${phrase}, process is not assigned`);
      if (assignedexecutorid === signer) return next(process);
      const what = phrase.replace("Failed to ", "");
      return failed(403, `${phrase}, not allowed to ${what}`);
    });
    return outcome.ok ? done({}) : outcome;
  }

  return {
    async assignprocessmsg({ colonyname, timeout }, { signer, signal }) {
      const demand = await demandOf(signer, colonyname);
      if (!demand.ok) return demand;
      if (timeout === 0) return failed(400, "Invalid timeout value, timeout cannot be zero");
      return assignments.assign(demand.value, timeout, signal);
    },

    closesuccessfulmsg: ({ msgtype, processid, out }, { signer }) =>
      close(msgtype, processid, signer, (process) => {
        if (process.state === processStates.success) return done(process);
        const refused = wrongState(process, "successful");
        return refused ?? done(successfulProcess(process, out, processes.micros()));
      }),

    closefailedmsg: ({ msgtype, processid, errors }, { signer }) =>
      close(msgtype, processid, signer, (process) => {
        const refused = wrongState(process, "failed");
        return refused ?? done(failedProcess(process, errors, processes.micros()));
      }),
  };
}

function wrongState({ state }: Process, wanted: string): Outcome<never> | undefined {
  const ended = closedAs.get(state);
  if (ended === undefined) return undefined;
  return failed(400, `Tried to set ${ended} process as ${wanted}`);
}

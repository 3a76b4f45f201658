import type { Processes } from "../processes/processes.ts";
import { done, failed, type Outcome } from "../wire/outcome.ts";
import type { Call, Handlers, RequestOf } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { orNull } from "./colony-handlers.ts";
import type { Verdict } from "./executor-registry.ts";
import type { Registry } from "./registry.ts";

/** What the handlers of executors need. */
export interface ExecutorHandlersContext {
  readonly registry: Registry;
  readonly processes: Pick<Processes, "returnAll">;
}

type ExecutorRequest = "addexecutormsg" | Verdict | "getexecutorsmsg" | "getexecutormsg";

/** Answers what has to do with the executors of a colony. */
export function createExecutorHandlers({
  registry,
  processes,
}: ExecutorHandlersContext): Handlers<ExecutorRequest> {
  const { executors } = registry;

  async function judge(
    { msgtype, colonyname, executorname }: RequestOf<Verdict>,
    { signer }: Call,
  ): Promise<Outcome<unknown>> {
    const failure = await registry.colonyOwnerFailure(signer, colonyname);
    if (failure !== undefined) return { ok: false, failure };
    const outcome = await executors.judge(msgtype, colonyname, executorname);
    if (!outcome.ok) return outcome;
    if (msgtype !== "approveexecutormsg") {
      const { executorid, executortype } = outcome.value;
      await processes.returnAll(colonyname, executorid, executortype);
    }
    return done({});
  }

  return {
    async addexecutormsg({ executor }, { signer }) {
      const failure = await registry.colonyOwnerFailure(signer, executor.colonyname);
      return failure === undefined ? executors.add(executor) : { ok: false, failure };
    },

    approveexecutormsg: judge,
    rejectexecutormsg: judge,
    removeexecutormsg: judge,

    async getexecutorsmsg({ colonyname }, { signer }) {
      const failure = await registry.failureOfPending(signer, colonyname);
      if (failure !== undefined) return { ok: false, failure };
      return done(orNull(await executors.all(colonyname)));
    },

    async getexecutormsg({ msgtype, colonyname, executorname }, { signer }) {
      const failure = await registry.failureOfPending(signer, colonyname);
      if (failure !== undefined) return { ok: false, failure };
      const executor = await executors.find(colonyname, executorname);
      if (executor === undefined) return failed(500, `${phraseOf(msgtype)}, executor is nil`);
      return done(executor);
    },
  };
}

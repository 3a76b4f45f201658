import { orNull } from "../registry/colony-handlers.ts";
import type { Registry } from "../registry/registry.ts";
import { done, type Failure, failed, type Outcome } from "../wire/outcome.ts";
import type { Handlers } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { type FunctionSpec, type ProcessState, processStates } from "./process.ts";
import { specFailure } from "./process-spec.ts";
import type { Processes } from "./processes.ts";

/** What the handlers of processes need. */
export interface ProcessHandlersContext {
  readonly registry: Registry;
  readonly processes: Processes;
  readonly settings: {
    /** Channels that one process may declare. */
    readonly maxChannelsPerProcess: number;
    /** Processes of one colony that may wait or run. */
    readonly maxProcesses: number;
  };
}

type ProcessRequest =
  | "submitfuncspecmsg"
  | "getprocessmsg"
  | "getprocessesmsg"
  | "removeprocessmsg"
  | "removeallprocessesmsg";

const MAX_LISTED = 100;
const ALL_STATES = -1;
/** Of other servers; no process here ever is. */
const CANCELLED = 4;
const states: readonly ProcessState[] = Object.values(processStates);

/** Answers what has to do with processes, except for what executors do with them. */
export function createProcessHandlers({
  registry,
  processes,
  settings,
}: ProcessHandlersContext): Handlers<ProcessRequest> {
  const { maxProcesses, maxChannelsPerProcess } = settings;

  async function fullness({ conditions }: FunctionSpec): Promise<Outcome<never> | undefined> {
    const [waiting, running] = await Promise.all([
      processes.count(processStates.waiting, conditions.colonyname),
      processes.count(processStates.running, conditions.colonyname),
    ]);
    if (waiting + running < maxProcesses) return undefined;
    const phrase = phraseOf("submitfuncspecmsg");
    return failed(400, `${phrase}, too many processes wait or run in the Colony`);
  }

  return {
    async submitfuncspecmsg({ spec }, { signer }) {
      const { colonyname } = spec.conditions;
      const name = await registry.nameOf(signer, colonyname);
      if (name === undefined) {
        const failure = await registry.failure(signer, colonyname);
        return failure ? { ok: false, failure } : failed(500, "Could not derive InitiatorName");
      }
      const refused = specFailure(spec, maxChannelsPerProcess) ?? (await fullness(spec));
      return refused ?? done(await processes.add(spec, { id: signer, name }));
    },

    async getprocessmsg({ msgtype, processid }, { signer }) {
      const process = await processes.find(processid);
      if (process === undefined) return failed(404, `${phraseOf(msgtype)}, process not found`);
      const failure = await registry.failure(signer, process.spec.conditions.colonyname);
      return failure === undefined ? done(process) : { ok: false, failure };
    },

    async getprocessesmsg({ msgtype, colonyname, count, state }, { signer }) {
      const failure = await registry.failure(signer, colonyname);
      if (failure !== undefined) return { ok: false, failure };
      if (count < 1 || count > MAX_LISTED) {
        return failed(400, `${phraseOf(msgtype)}, count must be between 1 and ${MAX_LISTED}`);
      }
      if (state === CANCELLED) return done(null);
      const known = states.find((each) => each === state);
      if (known === undefined) return failed(400, `${phraseOf(msgtype)}, invalid state`);
      return done(orNull(await processes.list(colonyname, known, count)));
    },

    async removeprocessmsg({ msgtype, processid }, { signer }) {
      const phrase = phraseOf(msgtype);
      const missing: Failure = { status: 500, message: `${phrase}, process is nil` };
      const process = await processes.find(processid);
      if (process === undefined) return { ok: false, failure: missing };
      const failure = await registry.failure(signer, process.spec.conditions.colonyname);
      if (failure !== undefined) return { ok: false, failure };
      const running = { status: 400, message: `${phrase}, cannot remove a running process` };
      const outcome = await processes.remove(processid, missing, ({ state }) =>
        state === processStates.running ? running : undefined,
      );
      return outcome.ok ? done({}) : outcome;
    },

    async removeallprocessesmsg({ msgtype, colonyname, state }, { signer }) {
      const failure = await registry.colonyOwnerFailure(signer, colonyname);
      if (failure !== undefined) return { ok: false, failure };
      if (state === CANCELLED) return done({});
      const removed = states.filter((each) => state === ALL_STATES || each === state);
      if (removed.length === 0) return failed(400, `${phraseOf(msgtype)}, invalid state`);
      for (const each of removed) await processes.removeAll(colonyname, each);
      return done({});
    },
  };
}

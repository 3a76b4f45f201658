import type { Clock } from "../../../clock.ts";
import type { Place, RecordStore } from "../../../records/record-store.ts";
import { NO_TIME } from "../processes/process.ts";
import { microsOf, timeText } from "../processes/process-time.ts";
import { done, failed, type Outcome } from "../wire/outcome.ts";
import type { NewExecutor } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import {
  type Executor,
  type ExecutorState,
  executorStates,
  type ListedExecutor,
  listedExecutor,
  pendingExecutor,
} from "./executor.ts";
import { keyOf } from "./registry-keys.ts";
import { identityProblem, isName } from "./registry-names.ts";
import { Roster } from "./registry-roster.ts";
import { retried } from "./retried.ts";

/** What the executors need of their surroundings. */
export interface ExecutorRegistryContext {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly listed: readonly ListedExecutor[];
  /** How long one that was removed is still shown, in ms. */
  readonly keepEndedMs: number;
}

/** What a colony's owner can make of an executor. */
export type Verdict = "approveexecutormsg" | "rejectexecutormsg" | "removeexecutormsg";

const verdictStates = {
  approveexecutormsg: executorStates.approved,
  rejectexecutormsg: executorStates.rejected,
  removeexecutormsg: executorStates.unregistered,
} as const satisfies Record<Verdict, ExecutorState>;

const MAX_EXECUTORS = 10_000;
const HEARD_EVERY_MS = 60_000;

/** The executors of all colonies: those of the settings, and those that were added. */
export class ExecutorRegistry {
  readonly #clock: Clock;
  readonly #roster: Roster<Executor>;
  readonly #listed: number;
  readonly #records: RecordStore;

  constructor({ records, clock, listed, keepEndedMs }: ExecutorRegistryContext) {
    this.#clock = clock;
    this.#records = records;
    this.#listed = listed.length;
    this.#roster = new Roster({
      records,
      kind: "executor",
      listed: listed.map(listedExecutor),
      personOf: ({ colonyname, executorname, executorid }) => ({
        colony: colonyname,
        name: executorname,
        id: executorid,
      }),
      placesOf: ({ state }) => [placeOf(state)],
      lifeMsOf: ({ state }) => (state === executorStates.unregistered ? keepEndedMs : undefined),
    });
  }

  /** The executor of a name, also one that was removed lately; undefined if there is none. */
  async find(colony: string, name: string): Promise<Executor | undefined> {
    return (await this.#roster.find(colony, name))?.entry;
  }

  /** All executors of a colony, also those that were removed lately. */
  all(colony: string): Promise<readonly Executor[]> {
    return this.#roster.all(colony);
  }

  /** The executors that an identity is in a colony, approved or not. */
  async withId(colony: string, id: string): Promise<readonly Executor[]> {
    const found = await this.#roster.withId(colony, id);
    return found.filter(({ state }) => state !== executorStates.unregistered);
  }

  /** The approved executors that an identity is in a colony. */
  async approved(colony: string, id: string): Promise<readonly Executor[]> {
    const found = await this.#roster.withId(colony, id);
    return found.filter(({ state }) => state === executorStates.approved);
  }

  /** How many executors of all colonies are in a state. */
  async count(state: ExecutorState): Promise<number> {
    const [index] = placeOf(state);
    const listed = state === executorStates.approved ? this.#listed : 0;
    return listed + (await this.#records.count(index));
  }

  /** Adds an executor, which then waits to be approved. A removed one's name can be taken. */
  add(given: NewExecutor): Promise<Outcome<Executor>> {
    const problem = problemOf(given);
    if (problem !== undefined) return Promise.resolve(refused(problem));
    const { colonyname, executorname } = given;
    const taken = `Executor with name ${executorname} in Colony ${colonyname} already exists`;
    return retried(async () => {
      const known = await this.#roster.find(colonyname, executorname);
      const isFree = known === undefined || known.entry.state === executorStates.unregistered;
      if (!isFree) return failed(400, taken);
      if (known === undefined && (await this.#roster.count(colonyname)) >= MAX_EXECUTORS) {
        return refused(`the Colony has ${MAX_EXECUTORS} executors already`);
      }
      const executor = pendingExecutor(given, timeText(this.#clock.now() * 1000));
      const isWritten = await this.#roster.write(executor, known?.version ?? 0);
      return isWritten ? done(executor) : undefined;
    });
  }

  /** Approves, rejects or removes an executor. Harmless when repeated. */
  judge(verdict: Verdict, colony: string, name: string): Promise<Outcome<Executor>> {
    const phrase = phraseOf(verdict);
    const state = verdictStates[verdict];
    return retried(async () => {
      const known = await this.#roster.find(colony, name);
      if (known === undefined) return failed(500, `${phrase}, executor is nil`);
      const { entry, version } = known;
      if (entry.state === state) return done(entry);
      if (version === undefined) {
        return failed(403, `${phrase}, executor is listed in the settings of the server`);
      }
      if (entry.state === executorStates.unregistered) {
        return failed(400, `${phrase}, executor is unregistered`);
      }
      const changed = { ...entry, state };
      return (await this.#roster.write(changed, version)) ? done(changed) : undefined;
    });
  }

  /** Notes that an executor has shown up, at most once a minute. */
  async noteHeard({ colonyname, executorname, lastheardfromtime }: Executor): Promise<void> {
    if (lastheardfromtime === NO_TIME) return;
    const nowMs = this.#clock.now();
    if (nowMs - microsOf(lastheardfromtime) / 1000 < HEARD_EVERY_MS) return;
    const known = await this.#roster.find(colonyname, executorname);
    if (known?.version === undefined) return;
    // Whoever was faster has changed more than this.
    await this.#roster.write(
      { ...known.entry, lastheardfromtime: timeText(nowMs * 1000) },
      known.version,
    );
  }

  /** Removes all executors of a colony that are not listed in the settings. */
  clear(colony: string): Promise<void> {
    return this.#roster.clear(colony);
  }
}

function placeOf(state: ExecutorState): Place {
  return [keyOf("executors-in-state", String(state)), 0];
}

function problemOf({ executorid, executorname, executortype }: NewExecutor): string | undefined {
  const problem = identityProblem("executor", executorid);
  if (problem !== undefined) return problem;
  if (!isName(executorname)) return "invalid executor name";
  return isName(executortype) ? undefined : "invalid executor type";
}

function refused(problem: string): Outcome<never> {
  return failed(400, `${phraseOf("addexecutormsg")}, ${problem}`);
}

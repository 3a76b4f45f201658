import { isOver, type Process, type ProcessState, processStates } from "../processes/process.ts";
import type { Failure } from "../wire/outcome.ts";
import type { RequestOf } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { frameOf, lifeMsOf, type Outlet, type Subscription } from "./subscription.ts";
import type { SubscriptionContext } from "./subscription-context.ts";

type Context = Pick<SubscriptionContext, "watches" | "processes" | "membership" | "clock">;

const TYPE = "subscribeprocessmsg";

/**
 * A client that waits for a process to come into a state. It is told once for each time, at once if
 * the process is there already, until nothing more can come or its time is over.
 */
export class ProcessSubscription implements Subscription {
  readonly #request: RequestOf<typeof TYPE>;
  readonly #outlet: Outlet;
  readonly #context: Context;
  readonly #stopWatching: () => void;
  /** Changes since the watch began, until it is known whether the client may hear of them. */
  #early: (Process | undefined)[] | undefined = [];
  #stopTimer: (() => void) | undefined;
  #stage: string | undefined;
  #wasTold: boolean = false;
  #isStopped: boolean = false;

  /** Watches from now on, so that no change is missed; tells nothing before {@link begin}. */
  constructor(request: RequestOf<typeof TYPE>, outlet: Outlet, context: Context) {
    this.#request = request;
    this.#outlet = outlet;
    this.#context = context;
    this.#stopWatching = context.watches.watch(request.processid, (process) => {
      if (this.#early === undefined) this.#see(process);
      else this.#early.push(process);
    });
  }

  /**
   * Begins to tell the client, if it may know.
   *
   * @returns why it may not
   * @throws RecordsUnavailable where the process cannot be read
   */
  async begin(signer: string): Promise<Failure | undefined> {
    const { state, timeout } = this.#request;
    if (!isState(state)) return failure(400, "invalid state");
    const process = await this.#context.processes.find(this.#request.processid);
    if (process === undefined) return failure(404, "process not found");
    const { colonyname } = process.spec.conditions;
    const strange = await this.#context.membership.failure(signer, colonyname);
    if (strange !== undefined) return strange;
    this.#start(process);
    if (timeout <= 0) this.#timeOut();
    else if (!this.#isStopped) {
      this.#stopTimer = this.#context.clock.after(lifeMsOf(timeout), () => this.#timeOut());
    }
    return undefined;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWatching();
    this.#stopTimer?.();
  }

  /** A process that was over when it was read may have changed before that, as the watch tells. */
  #start(process: Process): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    const seen = isOver(process) && early.length > 0 ? early : [process, ...early];
    for (const each of seen) this.#see(each);
  }

  #see(process: Process | undefined): void {
    if (this.#isStopped) return;
    if (process === undefined) {
      this.#outlet.over(this, failure(404, "process not found"));
      return;
    }
    const stage = stageOf(process);
    if (stage === this.#stage) return;
    this.#stage = stage;
    if (process.state === this.#request.state) {
      this.#wasTold = true;
      this.#outlet.send(frameOf(TYPE, process));
    }
    if (isOver(process)) this.#end(process);
  }

  /** Nothing more can come. */
  #end(process: Process): void {
    const { state } = this.#request;
    if (this.#wasTold) this.#outlet.over(this);
    else {
      const text = `process is ${nameOf(process.state)} and will not become ${nameOf(state)}`;
      this.#outlet.over(this, failure(409, text));
    }
  }

  #timeOut(): void {
    const { state, timeout } = this.#request;
    const secs = Math.max(0, lifeMsOf(timeout) / 1000);
    const text = `timeout: waited ${secs} s for process to become ${nameOf(state)}`;
    this.#outlet.over(this, failure(408, text));
  }
}

function failure(status: number, text: string): Failure {
  return { status, message: `${phraseOf(TYPE)}, ${text}` };
}

/** A process may be in the same state more than once; then it has been started again. */
function stageOf({ state, retries, starttime }: Process): string {
  return `${state} ${retries} ${starttime}`;
}

const names = new Map<number, string>(
  Object.entries(processStates).map(([name, state]) => [state, name.toUpperCase()]),
);

function isState(state: number): state is ProcessState {
  return names.has(state);
}

function nameOf(state: number): string {
  return names.get(state) ?? String(state);
}

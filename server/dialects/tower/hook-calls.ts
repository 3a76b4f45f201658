import type { Clock } from "../../clock.ts";
import type { Eventual } from "./eventual.ts";

/** What calls of hooks need of their surroundings. */
export interface HookCallsContext {
  readonly clock: Clock;
  /** How long a hook may take. */
  readonly timeoutMs: number;
  /** Takes what a hook threw. */
  readonly onCrash: (error: unknown, hook: string) => void;
}

/** Calls an application's hooks, none of which is waited for longer than the time-out. */
export class HookCalls {
  readonly #context: HookCallsContext;
  /** Ends the wait for each answer that is pending. */
  readonly #waits = new Set<() => void>();

  constructor(context: HookCallsContext) {
    this.#context = context;
  }

  /** A hook's answer, or undefined where it threw, took too long, or is waited for no longer. */
  call<Answer>(hook: string, call: () => Eventual<Answer>): Eventual<Answer | undefined> {
    try {
      const answer = call();
      return isPending(answer) ? this.#wait(hook, Promise.resolve(answer)) : answer;
    } catch (error) {
      this.#context.onCrash(error, hook);
      return undefined;
    }
  }

  /** Waits for no answer any longer. */
  close(): void {
    for (const end of this.#waits) end();
  }

  #wait<Answer>(hook: string, answer: Promise<Answer>): Promise<Answer | undefined> {
    const { clock, timeoutMs, onCrash } = this.#context;
    return new Promise((resolve) => {
      const settle = (value: Answer | undefined): void => {
        stopTimer();
        this.#waits.delete(end);
        resolve(value);
      };
      const end = (): void => settle(undefined);
      const fail = (error: unknown): void => {
        onCrash(error, hook);
        settle(undefined);
      };
      const stopTimer = clock.after(timeoutMs, () =>
        fail(new Error(`no answer from the hook ${hook} within ${timeoutMs} ms`)),
      );
      this.#waits.add(end);
      answer.then(settle, fail);
    });
  }
}

/** A promise, of whatever library. */
function isPending<Answer>(answer: Eventual<Answer>): answer is Promise<Answer> {
  return typeof answer === "object" && answer !== null && "then" in answer;
}

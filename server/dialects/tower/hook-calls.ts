import type { Clock } from "../../clock.ts";
import type { Eventual } from "../../eventual.ts";

/** Stands for the answer of a hook that threw, took too long, or is waited for no longer. */
export const NO_ANSWER = Symbol("no answer");

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

  /** A hook's answer, or {@link NO_ANSWER}. */
  call<Answer>(hook: string, call: () => Eventual<Answer>): Eventual<Answer | typeof NO_ANSWER> {
    try {
      const answer = call();
      return isPending(answer) ? this.#wait(hook, Promise.resolve(answer)) : answer;
    } catch (error) {
      this.#context.onCrash(error, hook);
      return NO_ANSWER;
    }
  }

  /** Waits for no answer any longer. */
  close(): void {
    for (const end of this.#waits) end();
  }

  #wait<Answer>(hook: string, answer: Promise<Answer>): Promise<Answer | typeof NO_ANSWER> {
    const { clock, timeoutMs, onCrash } = this.#context;
    return new Promise((resolve) => {
      const settle = (value: Answer | typeof NO_ANSWER): void => {
        stopTimer();
        this.#waits.delete(end);
        resolve(value);
      };
      const end = (): void => settle(NO_ANSWER);
      const fail = (error: unknown): void => {
        onCrash(error, hook);
        settle(NO_ANSWER);
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

import { Worker } from "node:worker_threads";
import type { Recovery, RecoveryTask } from "./recovery-worker.js";

const SCRIPT = new URL("./recovery-worker.js", import.meta.url);

/** Why a recovery was not done. */
export class RecoveryLost extends Error {
  override readonly name = "RecoveryLost";
}

interface UnderWay {
  readonly resolve: (id: string | undefined) => void;
  readonly reject: (error: RecoveryLost) => void;
}

/**
 * A thread that recovers keys: about a millisecond each, which the event loop is spared. It starts
 * with the first task, anew after a crash, and does not keep the process alive.
 */
export class RecoveryThread {
  readonly #underWay = new Map<string, UnderWay>();
  readonly #onCrash: (error: Error) => void;
  readonly #script: URL;
  #worker: Worker | undefined;

  /**
   * @param onCrash told of each crash
   * @param script what the thread runs
   */
  constructor(onCrash: (error: Error) => void, script = SCRIPT) {
    this.#onCrash = onCrash;
    this.#script = script;
  }

  /**
   * Identity of whoever signed a digest, or undefined where no key belongs to the signature. Of
   * equal tasks only one may be under way.
   *
   * @throws RecoveryLost where the thread crashes, or is stopped
   */
  async recover(task: RecoveryTask): Promise<string | undefined> {
    this.#worker ??= this.#start();
    this.#worker.postMessage(task);
    return await new Promise((resolve, reject) =>
      this.#underWay.set(keyOf(task), { resolve, reject }),
    );
  }

  /** Ends the thread; what is under way fails. Harmless when repeated. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#lose(new RecoveryLost("the thread was stopped"));
    await worker?.terminate();
  }

  #start(): Worker {
    // Flags of the process, such as loaders, are not for this thread.
    const worker = new Worker(this.#script, { name: "signatures", execArgv: [] });
    const crashed = (error: Error) => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#lose(new RecoveryLost("the thread crashed", { cause: error }));
      this.#onCrash(error);
    };
    worker.on("message", (recovery: Recovery) => this.#deliver(recovery));
    worker.on("error", crashed);
    worker.on("exit", (code) => crashed(new Error(`the thread ended with code ${code}`)));
    // Only now: a listener for messages would hold the process again.
    worker.unref();
    return worker;
  }

  #deliver(recovery: Recovery): void {
    const key = keyOf(recovery);
    this.#underWay.get(key)?.resolve(recovery.id);
    this.#underWay.delete(key);
  }

  #lose(error: RecoveryLost): void {
    const lost = [...this.#underWay.values()];
    this.#underWay.clear();
    for (const { reject } of lost) reject(error);
  }
}

/** Tells one recovery from another. */
export function keyOf({ digest, signature }: RecoveryTask): string {
  return `${digest}${signature}`;
}

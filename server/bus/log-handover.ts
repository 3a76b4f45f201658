import { LEASE_CHANNEL } from "./log-scripts.ts";
import type { Redis } from "./redis.ts";

/** What a handover needs of its surroundings. */
export interface LogHandoverContext {
  readonly redis: Pick<Redis, "publish" | "countListeners" | "subscriptions" | "status" | "seal">;
  /** Name of this node. */
  readonly holder: string;
  /** Has this node listen, for a while, as the node that logs does; false where it stops itself. */
  readonly onStandBy: () => boolean;
}

const LEAVING = "leaving";
const READY = /^ready (.{1,64})$/;
/** How long a node that stops waits for another, and for its own last word. */
const PATIENCE_MS = 500;

/**
 * How the node that logs finds another in its place before it stops: it says that it leaves, and
 * goes on. Who is ready in its place listens already. From the word that it is given up on, which
 * all hear between the same two messages, the other logs.
 */
export class LogHandover {
  readonly #context: LogHandoverContext;
  #onReady: ((node: string) => void) | undefined;
  #onGivenUp: (() => void) | undefined;

  constructor(context: LogHandoverContext) {
    this.#context = context;
  }

  /** Takes a word of a node; false if it is none. */
  hear(word: string): boolean {
    if (word === "") this.#onGivenUp?.();
    else if (word === LEAVING) void this.#standBy();
    else {
      const [, node] = READY.exec(word) ?? [];
      if (node === undefined) return false;
      this.#onReady?.(node);
    }
    return true;
  }

  /** Finds a node that is ready, if there is one. Never rejects. */
  async successor(): Promise<string | undefined> {
    const { redis } = this.#context;
    const ready = new Promise<string>((resolve) => {
      this.#onReady = resolve;
    });
    const find = async (): Promise<string | undefined> => {
      if ((await redis.countListeners("channel", LEASE_CHANNEL)) < 2) return undefined;
      await redis.publish(LEASE_CHANNEL, redis.seal.close(LEASE_CHANNEL, LEAVING));
      return ready;
    };
    const found = await soon(find());
    this.#onReady = undefined;
    return found;
  }

  /** Gives up, and resolves once this node has heard of it, as all others have. Never rejects. */
  async givenUp(giveUp: () => Promise<unknown>): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#onGivenUp = resolve;
    });
    await soon(Promise.all([giveUp(), heard]));
    this.#onGivenUp = undefined;
  }

  async #standBy(): Promise<void> {
    const { redis, holder, onStandBy } = this.#context;
    if (!onStandBy()) return;
    // Redis answers in the order in which it was asked: what was asked for before is there, too.
    const topic = {
      kind: "channel",
      name: `${LEASE_CHANNEL}:${holder}`,
      listener: () => {},
    } as const;
    await redis.subscriptions.add(topic);
    redis.subscriptions.remove(topic);
    if (redis.status !== "up") return;
    const ready = redis.seal.close(LEASE_CHANNEL, `ready ${holder}`);
    await redis.publish(LEASE_CHANNEL, ready).catch(() => {
      // Redis is away, and nobody waits for this.
    });
  }
}

/** What comes of something within the patience of a node that stops; undefined if nothing does. */
async function soon<Value>(value: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  const came = await Promise.race([value.catch(() => undefined), over]);
  clearTimeout(timer);
  return came;
}

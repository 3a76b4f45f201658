import type { LinkListener, PresenceLink } from "../presence/link.ts";
import type { Redis } from "./redis.ts";

/** Channel on which nodes tell all others; with `:` and a node's id, the node alone. */
const PRESENCE_CHANNEL = "commonroom:presence";

/** What the link needs of its surroundings. */
export interface RedisPresenceLinkContext {
  readonly redis: Redis;
  /** Told of each message that could not be sent. */
  readonly onLost: () => void;
  /** Told of what else went wrong. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** Nodes that tell each other who is present over Redis, on the node's two connections. */
export class RedisPresenceLink implements PresenceLink {
  readonly echoes = true;
  readonly #context: RedisPresenceLinkContext;

  constructor(context: RedisPresenceLinkContext) {
    this.#context = context;
  }

  open(id: string, listener: LinkListener): void {
    const { redis } = this.#context;
    for (const name of [PRESENCE_CHANNEL, channelOf(id)]) {
      const receive = (message: Buffer): void => {
        const opened = redis.seal.open(name, message);
        if (opened === undefined) listener.refused();
        else listener.receive(opened);
      };
      void redis.subscriptions.add({ kind: "channel", name, listener: receive });
    }
    redis.onComeback(() => listener.opened());
  }

  publish(message: string): void {
    this.#send(PRESENCE_CHANNEL, message);
  }

  tell(id: string, message: string): void {
    this.#send(channelOf(id), message);
  }

  readonly countOthers = async (): Promise<number> => {
    try {
      const count = await this.#context.redis.countListeners("channel", PRESENCE_CHANNEL);
      return Math.max(0, count - 1);
    } catch {
      // Redis is away, which its status tells.
      return 0;
    }
  };

  #send(channel: string, message: string): void {
    const { redis, onLost } = this.#context;
    if (redis.canPublish) redis.publish(channel, redis.seal.close(channel, message)).catch(onLost);
    else onLost();
  }
}

function channelOf(id: string): string {
  return `${PRESENCE_CHANNEL}:${id}`;
}

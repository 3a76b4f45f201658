import { createAdapter } from "@socket.io/redis-adapter";
import type { Adapter } from "socket.io-adapter";
import type { Counters } from "../counters.ts";
import type { Redis } from "./redis.ts";

type Listener = (message: Buffer, channel: Buffer) => unknown;

/** What the adapter needs of its surroundings. */
export interface RedisAdapterContext {
  readonly redis: Redis;
  readonly counters: Counters;
  /** Told of each message of another node that was not understood. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/**
 * Makes Socket.IO's own Redis adapter, over the node's two connections.
 *
 * The adapter ignores the promises of its publishes and lets a message that it cannot decode throw
 * into the Redis client. It gets clients that count both instead, since neither may end the process.
 */
export function createRedisAdapter(context: RedisAdapterContext): (namespace: unknown) => Adapter {
  const factory = createAdapter(publisherFor(context), subscriberFor(context));
  return (namespace) => factory(namespace) as unknown as Adapter;
}

function publisherFor({ redis, counters }: RedisAdapterContext) {
  return {
    publish: (channel: string, message: string | Buffer): void => {
      redis.publisher.publish(channel, message).catch(() => {
        counters.adapterMessagesLost += 1;
      });
    },
    sendCommand: (args: string[]) => redis.publisher.sendCommand(args),
    pSubscribe: noSubscription,
    on: () => {},
    off: () => {},
  };
}

function subscriberFor(context: RedisAdapterContext) {
  const { subscriber } = context.redis;
  const guard = (listener: Listener): Listener => guarded(context, listener);
  return {
    pSubscribe: (pattern: string, listener: Listener): void =>
      settle(context, subscriber.pSubscribe(pattern, guard(listener), true)),
    subscribe: (channels: string[], listener: Listener): void =>
      settle(context, subscriber.subscribe(channels, guard(listener), true)),
    pUnsubscribe: (pattern: string): void => settle(context, subscriber.pUnsubscribe(pattern)),
    unsubscribe: (channels: string[]): void => settle(context, subscriber.unsubscribe(channels)),
    on: () => {},
    off: () => {},
  };
}

function guarded(context: RedisAdapterContext, listener: Listener): Listener {
  const refuse = (channel: Buffer): void => {
    context.counters.adapterMessagesRefused += 1;
    context.onProblem("adapter message not understood", channel.toString("utf8"));
  };
  return (message, channel) => {
    try {
      const result = listener(message, channel);
      if (result instanceof Promise) result.catch(() => refuse(channel));
    } catch {
      refuse(channel);
    }
  };
}

function settle(context: RedisAdapterContext, subscribing: Promise<unknown>): void {
  // A closed client has nothing to unsubscribe from, and one that reconnects subscribes again.
  subscribing.catch((error: unknown) => context.onProblem(String(error), "subscription"));
}

function noSubscription(): never {
  throw new Error("the publishing connection does not subscribe");
}

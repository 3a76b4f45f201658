import { createAdapter } from "@socket.io/redis-adapter";
import type { Adapter } from "socket.io-adapter";
import type { Counters } from "../counters.ts";
import { keepJsonText, type NodeParser } from "./json-text-parser.ts";
import type { Redis } from "./redis.ts";

type Listener = (message: Buffer, channel: Buffer) => void;

/** What the adapter needs of its surroundings. */
export interface RedisAdapterContext {
  readonly redis: Redis;
  readonly counters: Counters;
  /** Told of each message of another node that was not understood. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** Parts of the adapter that it does not document. */
interface UndocumentedAdapter {
  /** Names this node at the start of each of its messages. */
  readonly uid: string;
  parser: NodeParser;
  /** Answers requests of other nodes. */
  onrequest(channel: Buffer, message: Buffer): Promise<void>;
}

/**
 * Makes Socket.IO's own Redis adapter, over the node's two connections.
 *
 * The adapter ignores the promises of its publishes and of its answers to other nodes, and lets a
 * message that it cannot decode throw into the Redis client. Here all three are counted instead,
 * since none may end the process.
 */
export function createRedisAdapter(context: RedisAdapterContext): (namespace: unknown) => Adapter {
  const factory = createAdapter(publisherFor(context), subscriberFor(context));
  return (namespace) => {
    const adapter = factory(namespace) as unknown as Adapter & UndocumentedAdapter;
    adapter.parser = keepJsonText(adapter.parser, adapter.uid);
    const onRequest = adapter.onrequest.bind(adapter);
    adapter.onrequest = (channel, message) =>
      onRequest(channel, message).catch(() => refuse(context, channel));
    return adapter;
  };
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
  return (message, channel) => {
    try {
      listener(message, channel);
    } catch {
      refuse(context, channel);
    }
  };
}

function refuse({ counters, onProblem }: RedisAdapterContext, channel: Buffer): void {
  counters.adapterMessagesRefused += 1;
  onProblem("adapter message not understood", channel.toString("utf8"));
}

/** A connection that is stopped has nothing to unsubscribe from, and one that reconnects renews. */
function settle({ redis, onProblem }: RedisAdapterContext, subscribing: Promise<unknown>): void {
  subscribing.catch((error: unknown) => {
    if (!redis.isStopped) onProblem(String(error), "subscription");
  });
}

function noSubscription(): never {
  throw new Error("the publishing connection does not subscribe");
}

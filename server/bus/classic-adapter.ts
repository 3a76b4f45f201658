import { createAdapter } from "@socket.io/redis-adapter";
import type { Adapter } from "socket.io-adapter";
import type { Clock } from "../clock.ts";
import { type Acknowledging, forgetAcknowledgements } from "./acknowledgements.ts";
import { type AdapterContext, counted, guarded, MAIN_NAMESPACE, refuse } from "./adapter-guard.ts";
import { ClassicRequest, type Fields, isClassicRequest } from "./classic-request.ts";
import { isAudience, isEventPacket } from "./cluster-message.ts";
import { keepJsonText, type NodeParser } from "./json-text-parser.ts";
import { withoutSecrets } from "./remote-socket.ts";
import { RequestBudget } from "./request-budget.ts";
import type { Topic, TopicListener } from "./subscriptions.ts";

/** Parts of the adapter that it does not document. */
interface UndocumentedAdapter {
  /** Names this node at the start of each of its messages. */
  readonly uid: string;
  readonly nsp: { readonly name: string } & Acknowledging;
  parser: NodeParser;
  /** Answers requests of other nodes. */
  onrequest(channel: Buffer, message: Buffer): Promise<void>;
}

/** How the adapter listens: it is told of channels and of one pattern. */
export interface Ears {
  listen(topic: Topic): void;
  unlisten(topic: Pick<Topic, "kind" | "name">): void;
}

/** On this channel are broadcasts for all or several rooms; with a room's name and `#`, for the one. */
const BROADCAST_PREFIX = `socket.io#${MAIN_NAMESPACE}#`;
const REQUEST_PREFIX = "socket.io-request#";
const RESPONSE_PREFIX = "socket.io-response#";
/** What the adapter needs besides. */
export interface ClassicAdapterContext extends AdapterContext {
  readonly clock: Clock;
}

const OPEN_BRACE = 0x7b;

/**
 * Makes Socket.IO's classic Redis adapter, which other Socket.IO servers speak too.
 *
 * The adapter ignores the promises of its publishes and of its answers to other nodes, and lets a
 * message that it cannot decode throw into the Redis client. Here all three are counted instead,
 * since none may end the process.
 */
export function createClassicAdapter(
  context: ClassicAdapterContext,
): (namespace: unknown) => Adapter {
  const { subscriptions } = context.redis;
  const ears: Ears = {
    listen: (topic) => void subscriptions.add(topic),
    unlisten: (topic) => subscriptions.remove(topic),
  };
  return (namespace) => classicAdapter(context, namespace, ears);
}

/** Makes a classic adapter that listens by other ears. */
export function classicAdapter(
  context: ClassicAdapterContext,
  namespace: unknown,
  ears: Ears,
): Adapter {
  const factory = createAdapter(publisherFor(context), subscriberFor(context, ears));
  const adapter = factory(namespace) as unknown as Adapter & UndocumentedAdapter;
  const parser = keepJsonText(adapter.parser, adapter.uid);
  adapter.parser = checked(parser, adapter);
  adapter.onrequest = checkedRequests(context, adapter);
  return adapter;
}

/** Handles what other nodes ask, and answer; what no node can have sent is refused. */
function checkedRequests(
  context: ClassicAdapterContext,
  adapter: UndocumentedAdapter,
): UndocumentedAdapter["onrequest"] {
  const { nsp, parser } = adapter;
  const budget = new RequestBudget(context.clock);
  const requestChannel = `${REQUEST_PREFIX}${nsp.name}#`;
  const onRequest = adapter.onrequest.bind(adapter);
  return async (channel, message) => {
    try {
      const fields = readFields(message, parser);
      const isRequest = channel.toString("utf8").startsWith(requestChannel);
      if (isRequest && !(isClassicRequest(fields, nsp.name) && budget.take())) {
        throw new Error("no request of a node, or too many");
      }
      const { _ids: number } = nsp;
      const handled = onRequest(channel, message);
      const { type, opts } = fields;
      if (isRequest && type === ClassicRequest.BROADCAST) {
        forgetAcknowledgements(context.clock, nsp, number, timeoutIn(opts));
      }
      await handled;
    } catch {
      refuse(context, channel);
    }
  };
}

/** @throws Error if it is no object */
function readFields(message: Buffer, parser: NodeParser): Fields {
  const value = isJson(message) ? JSON.parse(message.toString("utf8")) : parser.decode(message);
  if (typeof value !== "object" || value === null) throw new Error("no object");
  return { ...value };
}

/** How long a node waits for its clients' acknowledgements, if it says so. */
function timeoutIn(opts: unknown): unknown {
  const { flags } = Object(opts) as { readonly flags?: unknown };
  return (Object(flags) as { readonly timeout?: unknown }).timeout;
}

/** A parser that throws at broadcasts which no node can have sent. */
function checked(parser: NodeParser, { uid, nsp }: UndocumentedAdapter): NodeParser {
  return {
    encode: (message) => parser.encode(message),
    decode: (bytes) => {
      const message = parser.decode(bytes);
      if (!Array.isArray(message)) return message;
      const [node, packet, audience]: unknown[] = message;
      const isSound = isEventPacket(packet, nsp.name) && isAudience(audience);
      if (node !== uid && !isSound) throw new Error("no broadcast of a node");
      return message;
    },
  };
}

function publisherFor(context: AdapterContext) {
  const { redis } = context;
  return {
    publish: (channel: string, message: string | Buffer): void => {
      const publishing = redis.publish(channel, tellable(channel, message));
      void counted(context, publishing, roomsOfChannel(channel));
    },
    sendCommand: async ([, , channel = ""]: string[]) => [
      channel,
      await redis.countListeners("channel", channel),
    ],
    // By these two it knows whose client it is.
    pSubscribe: noSubscription,
    sSubscribe: noSubscription,
    on: () => {},
    off: () => {},
  };
}

function subscriberFor(context: AdapterContext, ears: Ears) {
  return {
    pSubscribe: (name: string, listener: TopicListener): void =>
      ears.listen({ kind: "pattern", name, listener: guarded(context, listener) }),
    subscribe: (channels: string[], listener: TopicListener): void => {
      for (const name of channels) {
        ears.listen({ kind: "channel", name, listener: guarded(context, listener) });
      }
    },
    pUnsubscribe: (name: string): void => ears.unlisten({ kind: "pattern", name }),
    unsubscribe: (name: string): void => ears.unlisten({ kind: "channel", name }),
    on: () => {},
    off: () => {},
  };
}

/** The rooms whose members miss a message on a channel where it is lost. */
function roomsOfChannel(channel: string): readonly string[] | undefined {
  if (!channel.startsWith(BROADCAST_PREFIX)) return undefined;
  const room = channel.slice(BROADCAST_PREFIX.length, -1);
  return room === "" ? [] : [room];
}

/** An answer that lists sockets, without their tokens. */
function tellable(channel: string, message: string | Buffer): string | Buffer {
  if (!channel.startsWith(RESPONSE_PREFIX) || !isJson(message)) return message;
  const answer = JSON.parse(String(message)) as { readonly sockets?: unknown };
  if (!Array.isArray(answer.sockets)) return message;
  return JSON.stringify({ ...answer, sockets: answer.sockets.map(withoutSecrets) });
}

function isJson(message: string | Buffer): boolean {
  return Buffer.from(message.slice(0, 1))[0] === OPEN_BRACE;
}

function noSubscription(): never {
  throw new Error("the publishing connection does not subscribe");
}

import { randomUUID } from "node:crypto";
import { createShardedAdapter } from "@socket.io/redis-adapter";
import {
  Adapter,
  type BroadcastOptions,
  type ClusterResponse,
  MessageType,
} from "socket.io-adapter";
import type { Clock } from "../clock.ts";
import { type Acknowledging, forgetAcknowledgements } from "./acknowledgements.ts";
import { type AdapterContext, counted, guarded, MAIN_NAMESPACE, refuse } from "./adapter-guard.ts";
import { isNodeMessage, type NodeMessage } from "./cluster-message.ts";
import { markJsonText, restoreJsonText } from "./json-text-parser.ts";
import { withoutSecrets } from "./remote-socket.ts";
import { RequestBudget } from "./request-budget.ts";
import { goesByRoom } from "./room-channel.ts";
import { SeenBroadcasts } from "./seen-broadcasts.ts";
import type { TopicListener } from "./subscriptions.ts";

type Answer = Pick<ClusterResponse, "type" | "data">;
type Packet = Parameters<Adapter["broadcast"]>[0];

/** Parts of the adapter that it does not document. */
interface UndocumentedAdapter {
  readonly uid: string;
  readonly nsp: { readonly name: string } & Acknowledging;
  encode(message: NodeMessage): string | Buffer;
  onRawMessage(message: Buffer, channel: Buffer): void;
  onMessage(message: unknown): void;
  onResponse(message: unknown): void;
  dynamicChannel(room: string): string;
  publish(message: object): void;
  doPublish(message: NodeMessage): Promise<string>;
  publishResponse(to: string, response: Answer): void;
}
type ShardedAdapter = Omit<Adapter, "broadcast"> & UndocumentedAdapter & Pick<Adapter, "broadcast">;

/** A namespace's adapter, and how it listens to rooms. */
export interface RoomAdapter {
  readonly adapter: Adapter;
  /** The channel on which nodes broadcast to a room. */
  channelOf(room: string): string;
  /** Takes what comes on such channels. */
  readonly listener: TopicListener;
}

/** What the adapter needs besides. */
export interface ShardedAdapterContext extends AdapterContext {
  readonly clock: Clock;
}

/**
 * Makes Socket.IO's sharded Redis adapter, whose nodes hear of a room while it is listened to, which
 * the caller sees to.
 *
 * It reaches this node's members at once, as the other adapters do; JSON text stays as it is; what
 * cannot be sent or understood is counted.
 */
export function shardedAdapter(context: ShardedAdapterContext, namespace: unknown): RoomAdapter {
  const own = new Set<string>();
  let receive: TopicListener = () => {};
  const adapter = createShardedAdapter(
    publisherFor(context),
    subscriberFor(context, own, (message, channel) => receive(message, channel)),
  )(namespace) as unknown as ShardedAdapter;
  // Rooms are listened to a little longer than they have members, and a little earlier.
  adapter.removeAllListeners("create-room");
  adapter.removeAllListeners("delete-room");
  receive = receiverFor(adapter);
  tuneSending(context, adapter);
  tuneReceiving(context, adapter);
  return {
    adapter: adapter as unknown as Adapter,
    channelOf: (room) => adapter.dynamicChannel(room),
    listener: guarded(context, (message, channel) => receive(message, channel)),
  };
}

function tuneSending(context: ShardedAdapterContext, adapter: ShardedAdapter): void {
  const publishResponse = adapter.publishResponse.bind(adapter);
  adapter.doPublish = async (message) => {
    const copies = copiesOf(adapter, withPacket(message, markJsonText));
    const sending = copies.channels.map((channel) =>
      context.redis.publishToShard(channel, copies.text),
    );
    await counted(context, Promise.all(sending), awaitedIn(adapter, message));
    return "";
  };
  adapter.broadcast = (packet: Packet, audience: BroadcastOptions): void => {
    const { rooms, except, flags } = audience;
    if (flags?.local !== true) {
      const opts = { rooms: [...rooms], except: [...(except ?? [])], flags: { ...flags } };
      adapter.publish({ type: MessageType.BROADCAST, data: { packet, opts } });
    }
    if (isForAnyone(adapter, rooms)) Adapter.prototype.broadcast.call(adapter, packet, audience);
  };
  adapter.publishResponse = (to, { type, data }) => {
    const isList = "sockets" in data;
    const told = isList ? { ...data, sockets: data.sockets.map(withoutSecrets) } : data;
    try {
      publishResponse(to, { type, data: told });
    } catch {
      // An application's data of a socket, or a client's answer, that cannot be encoded.
      context.counters.adapterMessagesLost += 1;
    }
  };
}

/** Takes messages of other nodes; those of its own are not read. */
function receiverFor(adapter: ShardedAdapter): TopicListener {
  const { uid, nsp } = adapter;
  const ownEnd = Buffer.from(`,"uid":${JSON.stringify(uid)},"nsp":${JSON.stringify(nsp.name)}}`);
  return (message, channel) => {
    if (message.subarray(-ownEnd.length).equals(ownEnd)) return;
    adapter.onRawMessage(message, channel);
  };
}

function tuneReceiving(context: ShardedAdapterContext, adapter: ShardedAdapter): void {
  const budget = new RequestBudget(context.clock);
  const seen = new SeenBroadcasts();
  const take = (handle: (message: unknown) => void) => (message: unknown) => {
    if (!isNodeMessage(message, adapter.nsp.name)) throw new Error("no message of a node");
    const { type, data } = message;
    const isBroadcast = type === MessageType.BROADCAST && data.requestId === undefined;
    if (isBroadcast && !isForAnyone(adapter, data.opts.rooms)) return;
    if (isBroadcast && data.once !== undefined && !seen.isNew(data.once)) return;
    if (!isBroadcast && !isAnswer(message) && !budget.take()) throw new Error("too many requests");
    const { nsp } = adapter;
    const { _ids: number } = nsp;
    handle(withPacket(message, restoreJsonText));
    if (type === MessageType.BROADCAST && data.requestId !== undefined) {
      forgetAcknowledgements(context.clock, nsp, number, data.opts.flags?.timeout);
    }
  };
  const onRawMessage = adapter.onRawMessage.bind(adapter);
  let isRead: boolean = false;
  const reading = (handle: (message: unknown) => void) => (message: unknown) => {
    isRead = true;
    handle(message);
  };
  adapter.onMessage = reading(take(adapter.onMessage.bind(adapter)));
  adapter.onResponse = reading(take(adapter.onResponse.bind(adapter)));
  adapter.onRawMessage = (message, channel) => {
    isRead = false;
    onRawMessage(message, channel);
    // It does not say that it could not decode a message.
    if (!isRead) refuse(context, channel);
  };
}

/** What comes back to a question of this node's; to any other it is ignored. */
function isAnswer({ type }: NodeMessage): boolean {
  switch (type) {
    case MessageType.FETCH_SOCKETS_RESPONSE:
    case MessageType.SERVER_SIDE_EMIT_RESPONSE:
    case MessageType.BROADCAST_CLIENT_COUNT:
    case MessageType.BROADCAST_ACK:
      return true;
    default:
      return false;
  }
}

function isForAnyone(adapter: ShardedAdapter, rooms: Iterable<string>): boolean {
  let isForAll: boolean = true;
  for (const room of rooms) {
    if (adapter.rooms.has(room)) return true;
    isForAll = false;
  }
  return isForAll;
}

function withPacket(message: NodeMessage, change: (packet: object) => object): NodeMessage {
  const { type, data } = message;
  if (type !== MessageType.BROADCAST) return message;
  const { packet } = data;
  if (typeof packet !== "object" || packet === null) return message;
  return { ...message, data: { ...data, packet: change(packet) } };
}

/** A message as it goes out, and the channels on which it does. */
function copiesOf(
  adapter: ShardedAdapter,
  message: NodeMessage,
): { readonly channels: readonly string[]; readonly text: string | Buffer } {
  const { type, data } = message;
  const isForRooms =
    type === MessageType.BROADCAST && data.requestId === undefined && goesByRoom(data.opts.rooms);
  if (!isForRooms) {
    return { channels: [`socket.io#${adapter.nsp.name}#`], text: adapter.encode(message) };
  }
  const channels = data.opts.rooms.map((room) => adapter.dynamicChannel(room));
  if (channels.length === 1) return { channels, text: adapter.encode(message) };
  return { channels, text: adapter.encode({ ...message, data: { ...data, once: randomUUID() } }) };
}

/** The rooms whose members miss a message where it is lost. */
function awaitedIn({ nsp }: ShardedAdapter, { type, data }: NodeMessage) {
  const isForMembers = type === MessageType.BROADCAST && nsp.name === MAIN_NAMESPACE;
  return isForMembers ? data.opts.rooms : undefined;
}

function publisherFor(context: AdapterContext) {
  const { redis } = context;
  return {
    sSubscribe: () => {},
    sPublish: (channel: string, message: string | Buffer) =>
      counted(context, redis.publishToShard(channel, message), undefined),
    sendCommand: async ([, , channel = ""]: string[]) => [
      channel,
      await redis.countListeners("shard", channel),
    ],
  };
}

/** @param own gets the channels that the adapter itself listens to */
function subscriberFor(context: AdapterContext, own: Set<string>, receive: TopicListener) {
  const { subscriptions } = context.redis;
  return {
    sSubscribe: (name: string): void => {
      own.add(name);
      void subscriptions.add({ kind: "shard", name, listener: guarded(context, receive) });
    },
    sUnsubscribe: (name: string): void => {
      if (own.delete(name)) subscriptions.remove({ kind: "shard", name });
    },
  };
}

import { deserialize, serialize } from "node:v8";
import {
  Adapter,
  type BroadcastOptions,
  ClusterAdapter,
  type ClusterMessage,
  type ClusterResponse,
  MessageType,
} from "socket.io-adapter";
import { keepJsonText } from "../bus/json-text-parser.ts";
import type { Parcel, Post } from "./post.ts";

/** What the adapter needs of its surroundings. */
export interface WorkerAdapterContext {
  readonly post: Post;
  /** How many workers serve now, with this one. */
  readonly workers: () => number;
  /** Told of what could not be sent: a broadcast's rooms, or undefined for what is no broadcast. */
  readonly onLost: (rooms: readonly string[] | undefined) => void;
}

type Namespace = { readonly name: string };
type Packet = Parameters<Adapter["broadcast"]>[0];

const TOPIC = "socket.io";

/**
 * Makes Socket.IO adapters whose broadcasts reach the sibling workers.
 *
 * Not `@socket.io/cluster-adapter`: it reaches the members of its own worker a moment later than
 * `io.local` does, which changes the order of events, and JSON text would arrive as an object.
 */
export function createWorkerAdapter(context: WorkerAdapterContext) {
  return (namespace: unknown): Adapter => new WorkerAdapter(namespace as Namespace, context);
}

class WorkerAdapter extends ClusterAdapter {
  readonly #context: WorkerAdapterContext;
  readonly #topic: string;
  readonly #codec = keepJsonText({ encode: serialize, decode: decodeBytes }, this.uid);

  constructor(namespace: Namespace, context: WorkerAdapterContext) {
    super(namespace);
    this.#context = context;
    this.#topic = `${TOPIC}${namespace.name}`;
    context.post.on(this.#topic, (parcel) => this.#receive(parcel));
  }

  override serverCount(): Promise<number> {
    return Promise.resolve(this.#context.workers());
  }

  /** Reaches this worker's members at once, as the adapters in memory and over Redis do. */
  override broadcast(packet: Packet, audience: BroadcastOptions): Promise<void> {
    if (audience.flags?.local !== true) this.#publishBroadcast(packet, audience);
    Adapter.prototype.broadcast.call(this, packet, audience);
    return Promise.resolve();
  }

  protected override doPublish(message: ClusterMessage): Promise<string> {
    this.#publish(undefined, serialize(message));
    return Promise.resolve("");
  }

  protected override doPublishResponse(_asker: string, response: ClusterResponse): Promise<void> {
    this.#publish(undefined, serialize(response));
    return Promise.resolve();
  }

  #publishBroadcast(packet: Packet, { rooms, except, flags }: BroadcastOptions): void {
    const audience = { rooms: [...rooms], except: [...(except ?? [])], flags };
    this.#publish([...rooms], this.#codec.encode([this.uid, packet, audience]));
  }

  /** @param rooms whom a broadcast is for; undefined for what is no broadcast */
  #publish(rooms: readonly string[] | undefined, body: unknown): void {
    const { post, onLost } = this.#context;
    const parcel = { topic: this.#topic, body: body as Uint8Array };
    if (!post.publish(rooms === undefined ? parcel : { ...parcel, rooms })) onLost(rooms);
  }

  #receive({ rooms, body }: Parcel): void {
    if (rooms === undefined) {
      this.onMessage(decodeBytes(body) as ClusterMessage);
      return;
    }
    // Nobody here is meant: the body need not be read.
    if (rooms.length > 0 && !rooms.some((room) => this.rooms.has(room))) return;
    const [uid, packet, opts] = this.#codec.decode(body) as [string, Packet, BroadcastAudience];
    const data = { packet, opts };
    this.onMessage({ uid, nsp: this.nsp.name, type: MessageType.BROADCAST, data });
  }
}

type BroadcastAudience = Extract<ClusterMessage, { type: MessageType.BROADCAST }>["data"]["opts"];

function decodeBytes(bytes: unknown): unknown {
  return deserialize(bytes as Uint8Array);
}

import type { Adapter } from "socket.io-adapter";
import type { Clock } from "../clock.ts";
import type { Eventual } from "../eventual.ts";
import { isInner } from "../private-room.ts";
import { type AdapterContext, MAIN_NAMESPACE } from "./adapter-guard.ts";
import { createClassicAdapter } from "./classic-adapter.ts";
import { EmitterEar } from "./emitter-ear.ts";
import { hasOwnChannel } from "./room-channel.ts";
import { type RoomSource, RoomTopics } from "./room-topics.ts";
import { shardedAdapter } from "./sharded-adapter.ts";

/**
 * How nodes reach each other's members. `sharded`: by sharded pub/sub, of Redis 7 and later. `auto`:
 * so where the server has it, and else by ordinary pub/sub in the same way. `classic`: as other
 * Socket.IO servers with the classic Redis adapter do; every node hears everything.
 */
export type AdapterKind = "auto" | "sharded" | "classic";

/** What the adapters of a node's namespaces need of their surroundings. */
export interface AdaptersContext extends AdapterContext {
  readonly kind: AdapterKind;
  readonly clock: Clock;
  /** Knows further topics of the main namespace's rooms. */
  readonly source: RoomSource;
  /** Told of a room of the main namespace whose members were let in before it was heard. */
  readonly onLate: (room: string) => void;
}

type Namespace = { readonly name: string };

/** The Socket.IO adapters of a node's namespaces, over Redis. */
export class Adapters {
  readonly #context: AdaptersContext;
  readonly #topics = new Map<string, RoomTopics>();

  constructor(context: AdaptersContext) {
    this.#context = context;
  }

  /** Makes the adapter of a namespace. */
  create(namespace: unknown): Adapter {
    const { kind } = this.#context;
    const { name } = namespace as Namespace;
    const isMain = name === MAIN_NAMESPACE;
    if (kind !== "classic") return this.#createSharded(namespace as Namespace, isMain);
    const adapter = createClassicAdapter(this.#context)(namespace);
    if (isMain) this.#watch(name, adapter, [this.#context.source]);
    return adapter;
  }

  /** Resolves once all is heard that concerns a room of the main namespace. */
  hear(room: string): Eventual<void> {
    return this.#topics.get(MAIN_NAMESPACE)?.open(room);
  }

  /** How many rooms are heard. */
  get size(): number {
    return [...this.#topics.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    for (const topics of this.#topics.values()) topics.stop();
  }

  #createSharded(namespace: Namespace, isMain: boolean): Adapter {
    const context = this.#context;
    const { adapter, channelOf, listener } = shardedAdapter(context, namespace);
    const ear = new EmitterEar(context, namespace, adapter);
    for (const topic of ear.topics) void context.redis.subscriptions.add(topic);
    const broadcasts: RoomSource = {
      open: (room) => {
        const emitters = ear.topicOf(room);
        if (!hasOwnChannel(room)) return [emitters];
        return [{ kind: "shard", name: channelOf(room), listener }, emitters];
      },
    };
    this.#watch(namespace.name, adapter, isMain ? [broadcasts, context.source] : [broadcasts]);
    return adapter;
  }

  #watch(name: string, adapter: Adapter, sources: readonly RoomSource[]): void {
    const { redis, clock, onLate } = this.#context;
    const topics = new RoomTopics({
      onLate: name === MAIN_NAMESPACE ? onLate : () => {},
      subscriptions: redis.subscriptions,
      clock,
      sources,
      hasMembers: (room) => adapter.rooms.has(room),
    });
    this.#topics.set(name, topics);
    adapter.on("create-room", (room: string) => {
      // A socket's own room is no room of anybody's, whatever others are called that look like it.
      if (!isInner(room) && !adapter.sids.has(room)) void topics.open(room);
    });
    adapter.on("delete-room", (room: string) => topics.left(room));
  }
}

import { all, type Eventual } from "../eventual.ts";
import type { Server, Servers } from "./servers.ts";

/** How a topic is listened to. A `shard` is a channel of sharded pub/sub, where the server has it. */
export type TopicKind = "channel" | "pattern" | "shard";

/** Takes a message. What it throws is reported, and harms nothing else. */
export type TopicListener = (message: Buffer, channel: Buffer) => void;

/** Something that Redis can be asked to tell of. */
export interface Topic {
  readonly kind: TopicKind;
  /** Name of the channel, or the pattern. */
  readonly name: string;
  readonly listener: TopicListener;
}

/** What subscriptions need of their surroundings. */
export interface SubscriptionsContext {
  /** Told of each message that comes, and of the server that it comes from, before anyone else. */
  readonly onHeard: (server: Server) => void;
  /** Told of what a listener threw. */
  readonly onCrash: (error: unknown, channel: Buffer) => void;
  /** Told of a topic that Redis refuses. */
  readonly onRefused: (error: unknown, topic: Topic) => void;
}

/** What the names of shards end with on a Redis that has none: nobody else's channels end so. */
export const UNSHARDED_SUFFIX = "#unsharded";
/** Topics that are asked for in one command. */
const BATCH_SIZE = 500;

type State = "off" | "subscribing" | "on" | "unsubscribing";

interface Entry extends Topic {
  listener: TopicListener;
  /** How often it was added and not removed. */
  holders: number;
  state: State;
  /** Those who wait for it to be there. */
  waiters: (() => void)[];
}

type Attachment = { readonly servers: Servers; readonly hasShards: boolean };

/**
 * All that a node listens to. Topics may be added and removed at any time; on each new connection
 * all that are wanted are subscribed before it is used.
 *
 * A topic has one command under way at most: the client mixes up several about the same one.
 */
export class Subscriptions {
  readonly #context: SubscriptionsContext;
  readonly #entries: Readonly<Record<TopicKind, Map<string, Entry>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  #attachment: Attachment | undefined;

  constructor(context: SubscriptionsContext) {
    this.#context = context;
  }

  /** How many topics are wanted. */
  get size(): number {
    const { channel, pattern, shard } = this.#entries;
    return channel.size + pattern.size + shard.size;
  }

  /**
   * Listens to a topic, for as long as it is not {@link remove}d as often as it was added.
   *
   * @returns once messages come; at once while Redis is away, and when it goes away meanwhile
   */
  add({ kind, name, listener }: Topic): Eventual<void> {
    const entries = this.#entries[kind];
    let entry = entries.get(name);
    if (entry === undefined) {
      entry = { kind, name, listener, holders: 0, state: "off", waiters: [] };
      entries.set(name, entry);
    }
    entry.listener = listener;
    entry.holders += 1;
    const attachment = this.#attachment;
    if (attachment === undefined || entry.state === "on") return;
    const { waiters } = entry;
    const isThere = new Promise<void>((resolve) => waiters.push(resolve));
    this.#settle(entry, attachment);
    return isThere;
  }

  /** Listens to several topics. */
  addAll(topics: readonly Topic[]): Eventual<unknown> {
    return all(topics.map((topic) => this.add(topic)));
  }

  /** Listens to a topic no more, if nobody else has added it. */
  remove({ kind, name }: Pick<Topic, "kind" | "name">): void {
    const entry = this.#entries[kind].get(name);
    if (entry === undefined || entry.holders === 0) return;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    release(entry);
    if (this.#attachment === undefined) this.#entries[kind].delete(name);
    else this.#settle(entry, this.#attachment);
  }

  /**
   * Takes a new connection, and subscribes to all that is wanted.
   *
   * @param hasShards whether its servers have sharded pub/sub
   * @param alive is called at each answer
   */
  async attach(servers: Servers, hasShards: boolean, alive: () => void): Promise<void> {
    const attachment = { servers, hasShards };
    this.#attachment = attachment;
    for (const kind of ["channel", "shard"] as const) {
      const wanted = [...this.#entries[kind].values()];
      for (let from = 0; from < wanted.length; from += BATCH_SIZE) {
        const batch = wanted.slice(from, from + BATCH_SIZE).filter(isToBeSubscribed);
        if (batch.length > 0) await this.#subscribe(batch, attachment);
        alive();
      }
    }
    const patterns = [...this.#entries.pattern.values()].filter(isToBeSubscribed);
    const isAlive = (entry: Entry) => this.#subscribe([entry], attachment).then(alive);
    await Promise.all(patterns.map(isAlive));
  }

  /** Lets go of a connection that was lost. */
  detach(): void {
    this.#attachment = undefined;
    for (const entries of Object.values(this.#entries)) {
      for (const entry of entries.values()) {
        entry.state = "off";
        if (entry.holders === 0) entries.delete(entry.name);
        release(entry);
      }
    }
  }

  #settle(entry: Entry, attachment: Attachment): void {
    if (entry.holders > 0) {
      if (entry.state === "off") void this.#subscribe([entry], attachment);
      else if (entry.state === "on") release(entry);
    } else if (entry.state === "on") {
      void this.#unsubscribe(entry, attachment);
    } else if (entry.state === "off") {
      this.#entries[entry.kind].delete(entry.name);
    }
  }

  /** @param entries of one kind; of patterns, one */
  async #subscribe(entries: readonly Entry[], attachment: Attachment): Promise<void> {
    // The connection may have been lost since: what is marked now would stay so.
    if (this.#attachment !== attachment) return;
    for (const entry of entries) entry.state = "subscribing";
    let failure: { readonly error: unknown } | undefined;
    try {
      await ask(attachment, entries, this.#listenersFor(entries));
    } catch (error) {
      failure = { error };
    }
    if (this.#attachment !== attachment) return;
    for (const entry of entries) {
      entry.state = "on";
      // It is as good as there: another attempt now would fail as well, and one comes later.
      if (failure !== undefined) this.#context.onRefused(failure.error, entry);
      this.#settle(entry, attachment);
    }
  }

  async #unsubscribe(entry: Entry, attachment: Attachment): Promise<void> {
    entry.state = "unsubscribing";
    try {
      await askNoMore(attachment, entry);
    } catch (error) {
      if (this.#attachment === attachment) this.#context.onRefused(error, entry);
    }
    if (this.#attachment !== attachment) return;
    entry.state = "off";
    this.#settle(entry, attachment);
  }

  /** Makes what listens at a server. */
  #listenersFor([first]: readonly Entry[]): (server: Server) => TopicListener {
    const kind = first?.kind ?? "channel";
    const find = (channel: Buffer): Entry | undefined =>
      kind === "pattern" ? first : this.#entryOf(kind, channel.toString("utf8"));
    const { onHeard, onCrash } = this.#context;
    return (server) => (message, channel) => {
      onHeard(server);
      try {
        find(channel)?.listener(message, channel);
      } catch (error) {
        onCrash(error, channel);
      }
    };
  }

  #entryOf(kind: "channel" | "shard", name: string): Entry | undefined {
    const isMoved = kind === "shard" && this.#attachment?.hasShards === false;
    return this.#entries[kind].get(isMoved ? name.slice(0, -UNSHARDED_SUFFIX.length) : name);
  }
}

function isToBeSubscribed({ state, holders }: Entry): boolean {
  return state === "off" && holders > 0;
}

function release(entry: Entry): void {
  const { waiters } = entry;
  entry.waiters = [];
  for (const resolve of waiters) resolve();
}

async function ask(
  { servers, hasShards }: Attachment,
  entries: readonly Entry[],
  listenerAt: (server: Server) => TopicListener,
): Promise<void> {
  const names = entries.map((entry) => nameOn(entry, hasShards));
  const { first } = servers;
  const [{ kind } = { kind: "channel" }] = entries;
  if (kind === "pattern") await first.pSubscribe(names, listenerAt(first), true);
  else if (kind === "shard" && hasShards) {
    // The slot of each is its own, and a command may have those of one only.
    const batches = servers.isCluster ? names.map((name) => [name]) : [names];
    const asked = batches.map(([name = "", ...others]) => {
      const owner = servers.ownerOf(name);
      return owner.sSubscribe([name, ...others], listenerAt(owner), true);
    });
    await Promise.all(asked);
  } else await first.subscribe(names, listenerAt(first), true);
}

function askNoMore({ servers, hasShards }: Attachment, entry: Entry): Promise<void> {
  const name = nameOn(entry, hasShards);
  if (entry.kind === "pattern") return servers.first.pUnsubscribe(name);
  if (entry.kind === "shard" && hasShards) return servers.ownerOf(name).sUnsubscribe(name);
  return servers.first.unsubscribe(name);
}

function nameOn({ kind, name }: Entry, hasShards: boolean): string {
  return kind === "shard" && !hasShards ? name + UNSHARDED_SUFFIX : name;
}

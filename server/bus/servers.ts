import calculateSlot from "cluster-key-slot";
import { createClient, type RedisClientType } from "redis";
import type { Location } from "./locator.ts";

/** A client of one server. */
export type Server = RedisClientType;

/** What the servers of a connection need of their surroundings. */
export interface ServersContext {
  readonly location: Location;
  /** Told when a client breaks, or the slots of a cluster are others than they were. */
  readonly onError: (error: unknown) => void;
}

const CONNECT_TIMEOUT_MS = 3000;
const CLOSE_TIMEOUT_MS = 1000;
/** Commands that may wait for Redis: a silent one must not fill the memory before it is noticed. */
const MAX_WAITING_COMMANDS = 100_000;
/**
 * The client stops writing when so much waits in the socket, until the next turn of the event loop.
 * With Node's own 16 KiB a turn carries some 64 messages, and a busy node's wait for seconds.
 */
const WRITE_BYTES = 4_194_304;
const OPTIONS = {
  disableOfflineQueue: true,
  commandsQueueMaxLength: MAX_WAITING_COMMANDS,
  // A command that waits is not lost: silence is what ends a connection.
  commandOptions: { timeout: 0 },
  socket: {
    reconnectStrategy: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    writableHighWaterMark: WRITE_BYTES,
  },
} as const;

/** The servers of one connection: one Redis, or all masters of a cluster. */
export class Servers {
  readonly #context: ServersContext;
  #all: readonly RedisClientType[] = [];
  #first: RedisClientType | undefined;
  /** Ends the search for a cluster's masters, while there is one. */
  readonly #search = new AbortController();
  /** The masters of a cluster by slot. */
  #owners: readonly (RedisClientType | undefined)[] | undefined;

  constructor(context: ServersContext) {
    this.#context = context;
  }

  /** All of them, connected. */
  get all(): readonly RedisClientType[] {
    return this.#all;
  }

  /** Whether they are the masters of a cluster. */
  get isCluster(): boolean {
    return this.#owners !== undefined;
  }

  /**
   * The one for what belongs to none of them, such as an ordinary channel: always the same, so that
   * what is sent one after the other stays in its order.
   */
  get first(): RedisClientType {
    if (this.#first === undefined) throw new Error("not connected");
    return this.#first;
  }

  /** The one that has a key, or a channel of sharded pub/sub. */
  ownerOf(name: string | Buffer): RedisClientType {
    return this.#owners?.[calculateSlot(name)] ?? this.first;
  }

  /**
   * Connects to all of them.
   *
   * @param alive is called at each answer
   * @throws Error if one cannot be reached
   */
  async connect(alive: () => void): Promise<void> {
    const { location } = this.#context;
    if (location.kind === "server") {
      await this.#open([location.url], alive);
      return;
    }
    const shards = await findShards(location.urls, alive, this.#search.signal);
    const urls = [...new Set(shards.map(({ url }) => url))];
    await this.#open(urls, alive);
    const owners: (RedisClientType | undefined)[] = [];
    for (const { from, to, url } of shards) {
      const owner = this.#all[urls.indexOf(url)];
      for (let slot = from; slot <= to; slot += 1) owners[slot] = owner;
    }
    this.#owners = owners;
  }

  /** Sends what is under way and closes. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map(close));
  }

  /** Lets all go at once, without a word; what is being connected to, too. */
  destroy(): void {
    this.#search.abort();
    for (const client of this.#all) client.destroy();
  }

  async #open(urls: readonly string[], alive: () => void): Promise<void> {
    if (this.#search.signal.aborted) throw new Error("given up");
    this.#all = urls.map((url) => this.#create(url));
    this.#first = this.#all[Math.floor(Math.random() * this.#all.length)];
    await Promise.all(this.#all.map((client) => client.connect().then(alive)));
  }

  #create(url: string): RedisClientType {
    const { onError } = this.#context;
    const client: RedisClientType = createClient({ ...OPTIONS, url });
    client.on("error", onError);
    client.on("sharded-channel-moved", () => onError(new Error("slots of the cluster have moved")));
    return client;
  }
}

interface Shard {
  readonly from: number;
  readonly to: number;
  readonly url: string;
}

/** Asks one node of a cluster after the other which master has which slots. */
async function findShards(
  urls: readonly string[],
  alive: () => void,
  signal: AbortSignal,
): Promise<Shard[]> {
  let problem: unknown = new Error("no address of a node");
  const start = Math.floor(Math.random() * urls.length);
  for (const url of [...urls.slice(start), ...urls.slice(0, start)]) {
    const client: RedisClientType = createClient({ ...OPTIONS, url });
    client.on("error", () => {
      // What is asked of it then rejects.
    });
    const letGo = (): void => client.destroy();
    signal.addEventListener("abort", letGo);
    try {
      await client.connect();
      const slots = await client.clusterSlots();
      if (slots.length > 0) {
        return slots.map(({ from, to, master }) => ({ from, to, url: addressOf(master, url) }));
      }
      problem = new Error("the cluster has no slots");
    } catch (error) {
      problem = error;
    } finally {
      signal.removeEventListener("abort", letGo);
      alive();
      client.destroy();
    }
    // Nobody waits for it any more.
    if (signal.aborted) throw new Error("given up");
  }
  throw problem;
}

/** A master's address: with the user, password and TLS of the node that was asked. */
function addressOf({ host, port }: { host: string; port: number }, asked: string): string {
  const url = new URL(asked);
  // A node that does not know its own address is where it was asked.
  if (host !== "") url.hostname = host.includes(":") ? `[${host}]` : host;
  url.port = String(port);
  return url.href;
}

async function close(client: RedisClientType): Promise<void> {
  const cut = setTimeout(() => client.destroy(), CLOSE_TIMEOUT_MS);
  // A client that is cut meanwhile rejects; either way it is closed.
  await client.close().catch(() => undefined);
  clearTimeout(cut);
}

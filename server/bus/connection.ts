import { createClient, type RedisClientType } from "redis";
import type { Clock } from "../clock.ts";

/** What a connection needs of its surroundings. */
export interface ConnectionContext {
  /** Where Redis is now: asked before each attempt. */
  readonly locate: () => Promise<string>;
  readonly clock: Clock;
  /**
   * Makes a new connection ready for use. Where it rejects, another connection is made.
   *
   * @param alive is to be called at each answer of Redis, since silence ends the attempt
   */
  readonly prepare: (client: RedisClientType, alive: () => void) => Promise<void>;
  readonly onReady: () => void;
  /** Called once for each connection that was ready, and for each attempt that failed. */
  readonly onLost: (reason: string) => void;
}

const CONNECT_TIMEOUT_MS = 3000;
/** Longest silence while a connection is made and prepared. */
const ANSWER_TIMEOUT_MS = 3000;
const CLOSE_TIMEOUT_MS = 1000;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1000;
/** Commands that may wait for Redis: a silent one must not fill the memory before it is noticed. */
const MAX_WAITING_COMMANDS = 100_000;
/**
 * The client stops writing when so much waits in the socket, until the next turn of the event loop.
 * With Node's own 16 KiB a turn carries some 64 messages, and a busy node's wait for seconds.
 */
const WRITE_BYTES = 4_194_304;
const SOCKET = {
  reconnectStrategy: false,
  connectTimeout: CONNECT_TIMEOUT_MS,
  writableHighWaterMark: WRITE_BYTES,
} as const;

/**
 * One connection to Redis, which is made anew for ever, whenever it breaks or is {@link cut}.
 *
 * Each time with a new client: one that makes its own connection anew cannot be told to do so when
 * the old one is silent, and forgets subscriptions that were under way.
 */
export class Connection {
  readonly #context: ConnectionContext;
  /** The one that is used, or being made. */
  #client: RedisClientType | undefined;
  #isReady: boolean = false;
  #isStopped: boolean = false;
  #failures = 0;
  #cancelRetry = (): void => {};
  #cancelDeadline = (): void => {};

  constructor(context: ConnectionContext) {
    this.#context = context;
  }

  /** The client, while it can be used. */
  get client(): RedisClientType | undefined {
    return this.#isReady ? this.#client : undefined;
  }

  /** Begins to connect. */
  start(): void {
    void this.#open();
  }

  /** Gives up the connection, without a word to Redis, and makes another. */
  cut(reason: string): void {
    if (this.#client !== undefined) this.#lose(this.#client, reason);
  }

  /** Sends what is under way and closes. Harmless when repeated. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry();
    this.#cancelDeadline();
    const { client } = this;
    this.#isReady = false;
    if (client === undefined) this.#client?.destroy();
    else await close(client);
    this.#client = undefined;
  }

  async #open(): Promise<void> {
    const { locate, prepare, onReady } = this.#context;
    let client: RedisClientType | undefined;
    try {
      const url = await locate();
      if (this.#isStopped) return;
      client = this.#create(url);
      this.#client = client;
      const alive = this.#extend.bind(this, client);
      alive();
      await client.connect();
      alive();
      await prepare(client, alive);
      if (this.#client !== client) return;
      this.#cancelDeadline();
      this.#failures = 0;
      this.#isReady = true;
      onReady();
    } catch (error) {
      this.#lose(client, describe(error));
    }
  }

  #create(url: string): RedisClientType {
    const client: RedisClientType = createClient({
      url,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_WAITING_COMMANDS,
      // A command that waits is not lost: silence is what ends a connection.
      commandOptions: { timeout: 0 },
      socket: SOCKET,
    });
    client.on("error", (error: unknown) => {
      this.#lose(client, describe(error));
    });
    return client;
  }

  #extend(client: RedisClientType): void {
    if (this.#client !== client) return;
    this.#cancelDeadline();
    this.#cancelDeadline = this.#context.clock.after(ANSWER_TIMEOUT_MS, () => {
      this.#lose(client, "no answer");
    });
  }

  /** @param client undefined where it is not known yet where Redis is */
  #lose(client: RedisClientType | undefined, reason: string): void {
    if (this.#isStopped || client !== this.#client) return;
    const wasReady = this.#isReady;
    this.#client = undefined;
    this.#isReady = false;
    this.#cancelDeadline();
    client?.destroy();
    const delayMs = retryDelayMs(wasReady ? 0 : this.#failures + 1);
    this.#failures = wasReady ? 0 : this.#failures + 1;
    this.#cancelRetry = this.#context.clock.after(delayMs, () => void this.#open());
    this.#context.onLost(reason);
  }
}

async function close(client: RedisClientType): Promise<void> {
  const cut = setTimeout(() => client.destroy(), CLOSE_TIMEOUT_MS);
  // A client that is cut meanwhile rejects; either way it is closed.
  await client.close().catch(() => undefined);
  clearTimeout(cut);
}

/** Nodes that have lost the same Redis do not come back at the same moment. */
function retryDelayMs(failures: number): number {
  const jitterMs = Math.floor(Math.random() * FIRST_DELAY_MS);
  if (failures === 0) return jitterMs;
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** failures) + jitterMs;
}

function describe(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}

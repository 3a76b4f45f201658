import { createClient, type RedisClientType } from "redis";

/** Whether Redis can be reached now. */
export type RedisStatus = "connecting" | "up" | "down";

/** What the Redis connections need of their surroundings. */
export interface RedisContext {
  readonly url: string;
  /** Called when Redis becomes reachable, or is not any more. */
  readonly onStatus: (status: RedisStatus, reason: string) => void;
}

const MAX_RECONNECT_DELAY_MS = 1000;
const FIRST_RECONNECT_DELAY_MS = 50;
/** Notices a peer that is gone without a word, and keeps idle connections alive. */
const PING_EVERY_MS = 5000;
const CONNECT_TIMEOUT_MS = 3000;
const CLOSE_TIMEOUT_MS = 1000;

/**
 * A node's two connections to Redis: one publishes, one is subscribed. Both reconnect for ever,
 * and the subscriber subscribes again by itself.
 */
export class Redis {
  readonly publisher: RedisClientType;
  readonly subscriber: RedisClientType;
  readonly #context: RedisContext;
  #status: RedisStatus = "connecting";
  #isStopped: boolean = false;

  constructor(context: RedisContext) {
    this.#context = context;
    const { url } = context;
    const options = {
      url,
      pingInterval: PING_EVERY_MS,
      socket: { reconnectStrategy: reconnectDelayMs, connectTimeout: CONNECT_TIMEOUT_MS },
    };
    // What cannot be published now is lost and counted; a queue would grow without bound.
    this.publisher = createClient({ ...options, disableOfflineQueue: true });
    this.subscriber = createClient(options);
    for (const client of [this.publisher, this.subscriber]) {
      client.on("ready", () => this.#update(""));
      client.on("error", (error: unknown) => this.#update(describe(error)));
      client.on("reconnecting", () => this.#update("connection lost"));
      client.on("end", () => this.#update("connection ended"));
    }
  }

  get status(): RedisStatus {
    return this.#status;
  }

  /** Whether the connections were closed on purpose. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether a publish can be tried. */
  get canPublish(): boolean {
    return this.publisher.isReady;
  }

  /**
   * Starts connecting, and waits until Redis is reachable, at most `timeoutMs`.
   *
   * @returns whether it is reachable; if not, connecting goes on
   */
  async start(timeoutMs: number): Promise<boolean> {
    const connecting = Promise.all([this.publisher.connect(), this.subscriber.connect()]).then(
      () => true,
      // The reason has been told by the client's own "error" event.
      () => false,
    );
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const isUp = await Promise.race([connecting, patience]);
    clearTimeout(timer);
    if (!isUp) this.#update("not reachable");
    return isUp;
  }

  /** Sends what is under way and closes both connections. Harmless when repeated. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([closeClient(this.publisher), closeClient(this.subscriber)]);
  }

  #update(reason: string): void {
    const isUp = this.publisher.isReady && this.subscriber.isReady;
    if (this.#isStopped || (!isUp && reason === "")) return;
    const status = isUp ? "up" : "down";
    if (status === this.#status) return;
    this.#status = status;
    this.#context.onStatus(status, reason);
  }
}

async function closeClient(client: RedisClientType): Promise<void> {
  if (!client.isOpen) return;
  if (client.isReady) {
    const cut = setTimeout(() => client.destroy(), CLOSE_TIMEOUT_MS);
    // A client that is cut meanwhile rejects; either way it is closed.
    await client.close().catch(() => undefined);
    clearTimeout(cut);
  } else {
    client.destroy();
  }
}

function reconnectDelayMs(retries: number): number {
  const jitterMs = Math.floor(Math.random() * FIRST_RECONNECT_DELAY_MS);
  return Math.min(MAX_RECONNECT_DELAY_MS, FIRST_RECONNECT_DELAY_MS * 2 ** retries) + jitterMs;
}

function describe(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}

import type { Clock } from "../clock.ts";
import type { Location } from "./locator.ts";
import { Servers } from "./servers.ts";

/** What a connection needs of its surroundings. */
export interface ConnectionContext {
  /** Where Redis is now: asked before each attempt. */
  readonly locate: () => Promise<Location>;
  readonly clock: Clock;
  /**
   * Makes a new connection ready for use. Where it rejects, another connection is made.
   *
   * @param alive is to be called at each answer of Redis, since silence ends the attempt
   */
  readonly prepare: (servers: Servers, alive: () => void) => Promise<void>;
  readonly onReady: () => void;
  /** Called once for each connection that was ready, and for each attempt that failed. */
  readonly onLost: (reason: string) => void;
}

/** Longest silence while a connection is made and prepared. */
const ANSWER_TIMEOUT_MS = 3000;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1000;

/**
 * One connection to Redis, which is made anew for ever, whenever it breaks or is {@link cut}.
 *
 * Each time with new clients: one that makes its own connection anew cannot be told to do so when
 * the old one is silent, and forgets subscriptions that were under way. A cluster is as one server
 * here: it takes no commands either while one of its masters is missing.
 */
export class Connection {
  readonly #context: ConnectionContext;
  /** Those that are used, or being connected to. */
  #servers: Servers | undefined;
  #isReady: boolean = false;
  #isStopped: boolean = false;
  #failures = 0;
  #cancelRetry = (): void => {};
  #cancelDeadline = (): void => {};

  constructor(context: ConnectionContext) {
    this.#context = context;
  }

  /** Its servers, while they can be used. */
  get servers(): Servers | undefined {
    return this.#isReady ? this.#servers : undefined;
  }

  /** Begins to connect. */
  start(): void {
    void this.#open();
  }

  /** Gives up the connection, without a word to Redis, and makes another. */
  cut(reason: string): void {
    if (this.#servers !== undefined) this.#lose(this.#servers, reason);
  }

  /** Sends what is under way and closes. Harmless when repeated. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry();
    this.#cancelDeadline();
    const { servers } = this;
    this.#isReady = false;
    if (servers === undefined) this.#servers?.destroy();
    else await servers.close();
    this.#servers = undefined;
  }

  async #open(): Promise<void> {
    const { locate, prepare, onReady } = this.#context;
    let servers: Servers | undefined;
    try {
      const location = await locate();
      if (this.#isStopped) return;
      servers = this.#create(location);
      this.#servers = servers;
      const alive = this.#extend.bind(this, servers);
      alive();
      await servers.connect(alive);
      if (this.#servers !== servers) return;
      alive();
      await prepare(servers, alive);
      if (this.#servers !== servers) return;
      this.#cancelDeadline();
      this.#failures = 0;
      this.#isReady = true;
      onReady();
    } catch (error) {
      this.#lose(servers, describe(error));
    }
  }

  #create(location: Location): Servers {
    const servers: Servers = new Servers({
      location,
      onError: (error) => this.#lose(servers, describe(error)),
    });
    return servers;
  }

  #extend(servers: Servers): void {
    if (this.#servers !== servers) return;
    this.#cancelDeadline();
    this.#cancelDeadline = this.#context.clock.after(ANSWER_TIMEOUT_MS, () => {
      this.#lose(servers, "no answer");
    });
  }

  /** @param servers undefined where it is not known yet where Redis is */
  #lose(servers: Servers | undefined, reason: string): void {
    if (this.#isStopped || servers !== this.#servers) return;
    const wasReady = this.#isReady;
    this.#servers = undefined;
    this.#isReady = false;
    this.#cancelDeadline();
    servers?.destroy();
    const delayMs = retryDelayMs(wasReady ? 0 : this.#failures + 1);
    this.#failures = wasReady ? 0 : this.#failures + 1;
    this.#cancelRetry = this.#context.clock.after(delayMs, () => void this.#open());
    this.#context.onLost(reason);
  }
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

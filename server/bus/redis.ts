import { randomUUID } from "node:crypto";
import { ErrorReply, type RedisClientType } from "redis";
import { type Clock, systemClock } from "../clock.ts";
import { CANARY_TIMES, Canary, type CanaryTimes } from "./canary.ts";
import { Connection } from "./connection.ts";
import { locator } from "./locator.ts";
import { type Sharding, serverShards } from "./sharding.ts";
import { Subscriptions, UNSHARDED_SUFFIX } from "./subscriptions.ts";

/** Whether Redis can be reached now. */
export type RedisStatus = "connecting" | "up" | "down";

/** What the Redis connections need of their surroundings. */
export interface RedisContext {
  /** `redis:`, `rediss:`, or `redis+sentinel:` with the sentinels and the name of the master. */
  readonly url: string;
  /** Called when Redis becomes reachable, or is not any more. */
  readonly onStatus: (status: RedisStatus, reason: string) => void;
  readonly clock?: Clock;
  /** Whether sharded pub/sub is used. Default: where the server has it. */
  readonly sharding?: Sharding;
  readonly canary?: CanaryTimes;
  /** Told of each connection that was lost. */
  readonly onLost?: () => void;
  /** Told each time when Redis is silent although its connections are there. */
  readonly onSilence?: () => void;
  /** Told of what else went wrong. May be called very often. */
  readonly onProblem?: (problem: string, channel: string) => void;
}

/** Tells a listener what has become of Redis. */
export interface Comeback {
  /** Whether messages of others may have been missed since the last time. */
  readonly hasMissed: boolean;
}

type CommandOptions = Parameters<RedisClientType["sendCommand"]>[1];
type Prepare = (client: RedisClientType) => Promise<unknown>;

const CANARY_CHANNEL = "commonroom:canary";
const CHANNEL_WAY = "Redis";
const SHARD_WAY = "sharded pub/sub";
const MASTER_WAY = "the master";
/** What a server answers that is no master any more. */
const NO_MASTER = ["READONLY", "MASTERDOWN"];

/**
 * A node's two connections to Redis: one publishes and runs commands, one listens. Both are made
 * anew for ever, and all that was listened to is listened to again.
 */
export class Redis {
  /** All that this node listens to. */
  readonly subscriptions: Subscriptions;
  readonly #context: RedisContext;
  readonly #publisher: Connection;
  readonly #subscriber: Connection;
  readonly #canary: Canary;
  readonly #canaryChannel: string;
  readonly #preparations: Prepare[] = [];
  readonly #comebackListeners: ((comeback: Comeback) => void)[] = [];
  #onceUp: (() => void)[] = [];
  #status: RedisStatus = "connecting";
  #isStopped: boolean = false;
  #hasShards: boolean = false;
  #hasMissed: boolean = false;

  /** @param id names this node among others on the same Redis */
  constructor(context: RedisContext, id: string = randomUUID()) {
    this.#context = context;
    const { clock = systemClock, url } = context;
    const locate = locator(url);
    this.subscriptions = new Subscriptions({
      onHeard: () => this.#canary.hears(),
      onCrash: (error, channel) =>
        this.#report(`a message's listener failed: ${String(error)}`, String(channel)),
      onRefused: (error, topic) => {
        if (!this.#isStopped) this.#report(`not subscribed: ${String(error)}`, topic.name);
      },
    });
    this.#publisher = new Connection({
      locate,
      clock,
      prepare: (client) => this.#preparePublisher(client),
      onReady: () => this.#update(),
      onLost: (reason) => this.#lost(reason),
    });
    this.#subscriber = new Connection({
      locate,
      clock,
      prepare: (client, alive) => this.#prepareSubscriber(client, alive),
      onReady: () => this.#update(),
      onLost: (reason) => {
        this.#hasMissed = true;
        this.subscriptions.detach();
        this.#lost(reason);
      },
    });
    this.#canaryChannel = `${CANARY_CHANNEL}:${id}`;
    this.#canary = this.#createCanary(clock);
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
    return this.#publisher.client !== undefined;
  }

  /** Whether sharded pub/sub is used, as far as it is known. */
  get hasShards(): boolean {
    return this.#hasShards;
  }

  /**
   * Starts connecting, and waits until Redis is reachable, at most `timeoutMs`.
   *
   * @returns whether it is reachable; if not, connecting goes on
   */
  async start(timeoutMs: number): Promise<boolean> {
    this.#publisher.start();
    this.#subscriber.start();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onceUp.push(resolve);
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
    if (this.#status === "connecting") {
      this.#hasMissed = true;
      this.#setStatus("down", "not reachable");
    }
    return this.#status === "up";
  }

  /** Sends what is under way and closes both connections. Harmless when repeated. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#canary.stop();
    for (const resolve of this.#onceUp) resolve();
    await Promise.all([this.#publisher.stop(), this.#subscriber.stop()]);
    this.subscriptions.detach();
  }

  /** Gives both connections up and makes them anew. */
  cut(reason: string): void {
    this.#publisher.cut(reason);
    this.#subscriber.cut(reason);
  }

  /** Has something done first of all on each connection that publishes. What it rejects with is ignored. */
  onConnect(prepare: Prepare): void {
    this.#preparations.push(prepare);
  }

  /** Has a listener called each time when both connections are there and all is listened to. */
  onComeback(listener: (comeback: Comeback) => void): void {
    this.#comebackListeners.push(listener);
  }

  /**
   * Publishes.
   *
   * @throws Error where it is not certain that Redis has it
   */
  publish(channel: string, message: string | Buffer): Promise<unknown> {
    const { client } = this.#publisher;
    return client === undefined ? unreachable() : client.publish(channel, message);
  }

  /**
   * Publishes to a topic of the kind `shard`.
   *
   * @throws Error where it is not certain that Redis has it
   */
  publishToShard(channel: string, message: string | Buffer): Promise<unknown> {
    const { client } = this.#publisher;
    if (client === undefined) return unreachable();
    if (this.#hasShards) return client.sPublish(channel, message);
    return client.publish(channel + UNSHARDED_SUFFIX, message);
  }

  /**
   * Runs a command on the connection that publishes.
   *
   * @throws Error if Redis cannot be reached, or refuses it
   */
  async send<Reply>(args: readonly (string | Buffer)[], options?: CommandOptions): Promise<Reply> {
    const { client } = this.#publisher;
    if (client === undefined) return unreachable();
    try {
      return await client.sendCommand<Reply>([...args], options);
    } catch (error) {
      // A failover has made it a replica. The master is found by connecting anew.
      if (saysNoMaster(error)) this.cut(String(error));
      throw error;
    }
  }

  async #preparePublisher(client: RedisClientType): Promise<void> {
    await mustBeMaster(client, this.#canaryChannel);
    this.#hasShards = await serverShards(client, this.#context.sharding);
    for (const prepare of this.#preparations) {
      prepare(client).catch(() => {
        // What could not be prepared is done when it is needed.
      });
    }
  }

  async #prepareSubscriber(client: RedisClientType, alive: () => void): Promise<void> {
    const hasShards = await serverShards(client, this.#context.sharding);
    await this.subscriptions.attach(client, hasShards, alive);
  }

  #createCanary(clock: Clock): Canary {
    const channel = this.#canaryChannel;
    const hear = (way: string) => (word: Buffer) => this.#canary.heard(way, String(word));
    const topics = [
      { kind: "channel", name: channel, listener: hear(CHANNEL_WAY) },
      { kind: "shard", name: channel, listener: hear(SHARD_WAY) },
    ] as const;
    for (const topic of topics) void this.subscriptions.add(topic);
    return new Canary({
      clock,
      times: this.#context.canary ?? CANARY_TIMES,
      ways: [
        { name: CHANNEL_WAY, send: (word) => this.publish(channel, word) },
        { name: SHARD_WAY, send: (word) => this.publishToShard(channel, word) },
        { name: MASTER_WAY, send: (word) => this.#write(word) },
      ],
      onSilence: (reason) => {
        this.#context.onSilence?.();
        this.cut(`silent: ${reason}`);
      },
    });
  }

  /** A replica takes every command but this. */
  async #write(word: string): Promise<void> {
    try {
      await this.send(writing(this.#canaryChannel));
    } finally {
      // Whatever else it says: it has answered.
      this.#canary.heard(MASTER_WAY, word);
    }
  }

  #update(): void {
    const isUp = this.#publisher.client !== undefined && this.#subscriber.client !== undefined;
    if (this.#isStopped || !isUp) return;
    const hasMissed = this.#hasMissed;
    this.#hasMissed = false;
    this.#canary.start();
    this.#setStatus("up", "");
    for (const listener of this.#comebackListeners) listener({ hasMissed });
    for (const resolve of this.#onceUp) resolve();
    this.#onceUp = [];
  }

  #lost(reason: string): void {
    if (this.#isStopped) return;
    this.#canary.stop();
    if (this.#status === "up") this.#context.onLost?.();
    this.#setStatus("down", reason);
  }

  #setStatus(status: RedisStatus, reason: string): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#context.onStatus(status, reason);
  }

  #report(problem: string, channel: string): void {
    this.#context.onProblem?.(problem, channel);
  }
}

/** @throws Error if it is a replica, to which others than its own listeners do not listen */
async function mustBeMaster(client: RedisClientType, key: string): Promise<void> {
  try {
    await client.sendCommand(writing(key));
  } catch (error) {
    // What else it says does not keep it from publishing.
    if (saysNoMaster(error) || !(error instanceof ErrorReply)) throw error;
  }
}

/** A command that changes nothing, and that a replica refuses all the same. */
function writing(key: string): string[] {
  return ["DEL", key];
}

function saysNoMaster(error: unknown): boolean {
  const message = error instanceof Error ? error.message : "";
  return NO_MASTER.some((word) => message.startsWith(word));
}

function unreachable(): Promise<never> {
  return Promise.reject(new Error("Redis is not reachable"));
}

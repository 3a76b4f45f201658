import { randomUUID } from "node:crypto";
import type { RedisClientType } from "redis";
import { type Clock, systemClock } from "../clock.ts";
import { CANARY_TIMES, Canary, type CanaryTimes, type CanaryWay } from "./canary.ts";
import { Connection } from "./connection.ts";
import { locator, passwordIn } from "./locator.ts";
import { mustBeMasters, saysNoMaster } from "./mastery.ts";
import type { Seal } from "./seal.ts";
import type { Server, Servers } from "./servers.ts";
import { hasSharding, type Sharding } from "./sharding.ts";
import { SharedSecret } from "./shared-secret.ts";
import { Subscriptions, type TopicKind, UNSHARDED_SUFFIX } from "./subscriptions.ts";

/** Whether Redis can be reached now. */
export type RedisStatus = "connecting" | "up" | "down";

/** What the Redis connections need of their surroundings. */
export interface RedisContext {
  /**
   * `redis:`, `rediss:`, `redis+sentinel:` with the sentinels and the name of the master, or
   * `redis+cluster:` with nodes of a cluster.
   */
  readonly url: string;
  /** Called when Redis becomes reachable, or is not any more. */
  readonly onStatus: (status: RedisStatus, reason: string) => void;
  readonly clock?: Clock;
  /** What the nodes share and nobody else. Default: the password in the address, or one that they agree on. */
  readonly secret?: string | undefined;
  /** Whether sharded pub/sub is used. Default: where the server has it. */
  readonly sharding?: Sharding;
  readonly canary?: CanaryTimes;
  /** Told of each connection that was lost. */
  readonly onLost?: () => void;
  /** Told each time when Redis is silent although its connections are there. */
  readonly onSilence?: () => void;
  /** Told of each message on this node's canary's channel that the canary cannot have sent. */
  readonly onRefused?: (channel: string) => void;
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
const MAX_WORD_BYTES = 20;
const CHANNEL_WAY = "Redis";
const SHARD_WAY = "sharded pub/sub";
const MASTER_WAY = "a master";
const LISTENER_WAY = "listening connection";

/**
 * A node's two connections to Redis, with one server or all masters of a cluster: one publishes and
 * runs commands, one listens. Both are made anew for ever, and all that was listened to is listened
 * to again.
 */
export class Redis {
  /** All that this node listens to. */
  readonly subscriptions: Subscriptions;
  /** Closes what nodes tell each other, and opens it. */
  readonly seal: Seal;
  readonly #sharedSecret: SharedSecret;
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
    this.#sharedSecret = new SharedSecret({
      given: context.secret ?? passwordIn(url),
      clock,
      servers: () => this.#publisher.servers,
    });
    this.seal = this.#sharedSecret.seal;
    this.subscriptions = new Subscriptions({
      onHeard: (server) => this.#canary.hears(server),
      onCrash: (error, channel) =>
        this.#report(`a message's listener failed: ${String(error)}`, String(channel)),
      onRefused: (error, topic) => {
        if (this.#isStopped) return;
        this.#report(`not subscribed: ${String(error)}`, topic.name);
        this.#seekMaster(error);
      },
    });
    this.#publisher = new Connection({
      locate,
      clock,
      prepare: (servers) => this.#preparePublisher(servers),
      onReady: () => this.#update(),
      onLost: (reason) => this.#lost(reason),
    });
    this.#subscriber = new Connection({
      locate,
      clock,
      prepare: (servers, alive) => this.#prepareSubscriber(servers, alive),
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

  /** Whether Redis can be reached, as last noticed. */
  get status(): RedisStatus {
    return this.#status;
  }

  /** Whether messages may have been missed, of which the next comeback will tell. */
  get hasMissed(): boolean {
    return this.#hasMissed;
  }

  /** Whether the connections were closed on purpose. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether a publish can be tried. */
  get canPublish(): boolean {
    return this.#publisher.servers !== undefined;
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

  /** Has something done first of all on each server that commands go to. What it rejects with is ignored. */
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
    const { servers } = this.#publisher;
    return servers === undefined ? unreachable() : servers.first.publish(channel, message);
  }

  /**
   * Publishes to a topic of the kind `shard`.
   *
   * @throws Error where it is not certain that Redis has it
   */
  async publishToShard(channel: string, message: string | Buffer): Promise<unknown> {
    const { servers } = this.#publisher;
    if (servers === undefined) return unreachable();
    if (!this.#hasShards) return servers.first.publish(channel + UNSHARDED_SUFFIX, message);
    try {
      return await servers.ownerOf(channel).sPublish(channel, message);
    } catch (error) {
      this.#seekMaster(error);
      throw error;
    }
  }

  /**
   * How many connections listen to a channel.
   *
   * @throws Error if Redis cannot be reached
   */
  async countListeners(kind: Exclude<TopicKind, "pattern">, channel: string): Promise<number> {
    const { servers } = this.#publisher;
    if (servers === undefined) return unreachable();
    const isShard = kind === "shard" && this.#hasShards;
    const name = kind === "shard" && !isShard ? channel + UNSHARDED_SUFFIX : channel;
    const command = ["PUBSUB", isShard ? "SHARDNUMSUB" : "NUMSUB", name];
    // Of ordinary channels each server of a cluster knows those alone that listen at it.
    const asked = isShard ? [servers.ownerOf(name)] : servers.all;
    const counts = await Promise.all(
      asked.map((client) => client.sendCommand<[string, number]>(command)),
    );
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /**
   * Runs a command on the connection that publishes.
   *
   * @param key a key that it concerns; all others have the same slot
   * @throws Error if Redis cannot be reached, or refuses it
   */
  async send<Reply>(
    key: string,
    args: readonly (string | Buffer)[],
    options?: CommandOptions,
  ): Promise<Reply> {
    const { servers } = this.#publisher;
    if (servers === undefined) return unreachable();
    try {
      return await servers.ownerOf(key).sendCommand<Reply>([...args], options);
    } catch (error) {
      this.#seekMaster(error);
      throw error;
    }
  }

  /** A failover has made the server a replica. The master is found by connecting anew. */
  #seekMaster(error: unknown): void {
    if (saysNoMaster(error)) this.cut(String(error));
  }

  async #preparePublisher(servers: Servers): Promise<void> {
    await mustBeMasters(servers, this.#canaryChannel);
    await this.#sharedSecret.agree(servers);
    this.#hasShards = await hasSharding(servers, this.#context.sharding);
    for (const prepare of this.#preparations) {
      for (const client of servers.all) {
        prepare(client).catch(() => {
          // What could not be prepared is done when it is needed.
        });
      }
    }
  }

  async #prepareSubscriber(servers: Servers, alive: () => void): Promise<void> {
    const hasShards = await hasSharding(servers, this.#context.sharding);
    await this.#sharedSecret.agree(servers);
    await this.subscriptions.attach(servers, hasShards, alive);
  }

  #createCanary(clock: Clock): Canary {
    const channel = this.#canaryChannel;
    const hear = (way: string) => (word: Buffer) => {
      const isOwn = word.length <= MAX_WORD_BYTES && this.#canary.heard(way, String(word));
      if (!isOwn) this.#context.onRefused?.(channel);
    };
    const topics = [
      { kind: "channel", name: channel, listener: hear(CHANNEL_WAY) },
      { kind: "shard", name: channel, listener: hear(SHARD_WAY) },
    ] as const;
    for (const topic of topics) void this.subscriptions.add(topic);
    return new Canary({
      clock,
      times: this.#context.canary ?? CANARY_TIMES,
      ways: () => this.#canaryWays(),
      onSilence: (reason) => {
        this.#context.onSilence?.();
        this.cut(`silent: ${reason}`);
      },
    });
  }

  #canaryWays(): CanaryWay[] {
    const channel = this.#canaryChannel;
    const { servers } = this.#subscriber;
    const ways: CanaryWay[] = [
      { name: CHANNEL_WAY, source: servers?.first, send: (word) => this.publish(channel, word) },
      {
        name: SHARD_WAY,
        source: this.#hasShards ? servers?.ownerOf(channel) : servers?.first,
        send: (word) => this.publishToShard(channel, word),
      },
      { name: MASTER_WAY, source: undefined, send: (word) => this.#probeMasters(word) },
    ];
    // Each by itself: that one of a cluster's masters brings messages says nothing of another.
    for (const [index, server] of servers?.all.entries() ?? []) {
      const name = `${LISTENER_WAY} ${index + 1}`;
      ways.push({ name, source: server, send: (word) => this.#ping(server, name, word) });
    }
    return ways;
  }

  async #probeMasters(word: string): Promise<void> {
    const { servers } = this.#publisher;
    if (servers === undefined) return;
    await mustBeMasters(servers, this.#canaryChannel).then(
      () => this.#canary.heard(MASTER_WAY, word),
      (error: unknown) => this.#seekMaster(error),
    );
  }

  /** Resolves at once: a ping queues up behind the messages, whose coming is a sign of life as well. */
  async #ping(server: Server, way: string, word: string): Promise<void> {
    server.ping().then(
      () => this.#canary.heard(way, word),
      (error: unknown) => this.#seekMaster(error),
    );
  }

  #update(): void {
    const isUp = this.#publisher.servers !== undefined && this.#subscriber.servers !== undefined;
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

function unreachable(): Promise<never> {
  return Promise.reject(new Error("Redis is not reachable"));
}

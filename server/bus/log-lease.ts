import type { Clock } from "../clock.ts";
import type { Eventual } from "../eventual.ts";
import { LogHandover } from "./log-handover.ts";
import { LEASE_CHANNEL, LEASE_KEY, LEASE_SCRIPT, RELEASE_SCRIPT } from "./log-scripts.ts";
import type { Redis } from "./redis.ts";
import type { Scripts } from "./scripts.ts";

/** What the lease needs of its surroundings. */
export interface LogLeaseContext {
  /** Name of this node. */
  readonly holder: string;
  readonly redis: Redis;
  readonly scripts: Scripts;
  readonly clock: Clock;
  /** Told each time that it is certain whether this node is the one, or may be at any moment. */
  readonly onRenewed: (isHeld: boolean) => void;
}

const LEASE_MS = 3000;
/** How much earlier the lease ends for its holder than for all others. */
const MARGIN_MS = 500;
const RENEW_EVERY_MS = 1000;

/**
 * Which of the nodes logs what all of them get. Until when it is the one is checked where it counts,
 * by the clock of Redis.
 */
export class LogLease {
  readonly #context: LogLeaseContext;
  readonly #handover: LogHandover;
  readonly #stopRenewing: () => void;
  /** When it ends by the clock of Redis; undefined while another node has it. */
  #untilMs: number | undefined;
  /** Until when this node listens as if it were the one, by its own clock. */
  #standsByUntilMs = 0;
  /** Resolves once it is known again who has it. */
  #doubt: Promise<void> | undefined;
  #isCertain: boolean = false;
  #stopping: Promise<void> | undefined;

  constructor(context: LogLeaseContext) {
    const { redis, holder, clock } = context;
    this.#context = context;
    this.#handover = new LogHandover({ redis, holder, onStandBy: () => this.#standBy() });
    this.#stopRenewing = clock.every(RENEW_EVERY_MS, () => {
      // Nobody is the one before having heard that the other is not.
      if (!this.#standsBy) void this.renew();
    });
  }

  /** Whether Redis has taken the last renewal. */
  get isCertain(): boolean {
    return this.#isCertain;
  }

  /**
   * Until when this node is the one, in ms by the clock of Redis; undefined if it is not. While it
   * is being found out that is waited for, and those who wait are told in their order.
   */
  claim(): Eventual<number | undefined> {
    return this.#doubt === undefined ? this.#untilMs : this.#doubt.then(() => this.#untilMs);
  }

  /** Keeps the lease, or takes it if nobody has it. Never rejects. */
  async renew(): Promise<void> {
    const { holder, scripts, onRenewed } = this.#context;
    let untilMs: unknown;
    try {
      const values = [holder, String(LEASE_MS), String(MARGIN_MS)];
      untilMs = await scripts.run(LEASE_SCRIPT, [LEASE_KEY], values);
    } catch {
      // Redis is away, which its status tells, or out of memory. The lease may be over meanwhile.
      this.#isCertain = false;
      return;
    }
    if (this.#stopping !== undefined) return;
    this.#isCertain = true;
    this.#untilMs = typeof untilMs === "number" && untilMs > 0 ? untilMs : undefined;
    onRenewed(this.#untilMs !== undefined || this.#standsBy);
  }

  /** Takes a node's word of the lease; false if it is none. */
  hear(word: string): boolean {
    if (word === "" && this.#stopping === undefined) void this.settle();
    // What comes after this word is another's.
    else if (word === "") this.#untilMs = undefined;
    return this.#handover.hear(word);
  }

  /**
   * Finds out who has it when nobody can know: its holder has given it up, or Redis is back and may
   * be another than before. Never rejects.
   */
  async settle(): Promise<void> {
    if (this.#stopping !== undefined || this.#doubt !== undefined) return this.#doubt;
    const doubt = this.renew();
    this.#doubt = doubt;
    await doubt;
    this.#doubt = undefined;
    this.#standsByUntilMs = 0;
  }

  /**
   * Gives it up: to a node that listens already, where there is one. Until that logs, this node goes
   * on. Never rejects; harmless when repeated.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#giveUp();
    return this.#stopping;
  }

  async #giveUp(): Promise<void> {
    this.#stopRenewing();
    if (this.#untilMs === undefined) return;
    const { holder, redis, scripts } = this.#context;
    const successor = (await this.#handover.successor()) ?? "";
    const word = redis.seal.close(LEASE_CHANNEL, "");
    const values = [holder, LEASE_CHANNEL, successor, String(LEASE_MS), word];
    await this.#handover.givenUp(() => scripts.run(RELEASE_SCRIPT, [LEASE_KEY], values));
    this.#untilMs = undefined;
  }

  get #standsBy(): boolean {
    return this.#context.clock.now() < this.#standsByUntilMs;
  }

  #standBy(): boolean {
    if (this.#stopping !== undefined) return false;
    const { clock, onRenewed } = this.#context;
    this.#standsByUntilMs = clock.now() + LEASE_MS;
    onRenewed(true);
    return true;
  }
}

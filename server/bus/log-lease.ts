import type { Clock } from "../clock.ts";
import type { Eventual } from "../eventual.ts";
import { LEASE_CHANNEL, LEASE_KEY, LEASE_SCRIPT, RELEASE_SCRIPT } from "./log-scripts.ts";
import type { Scripts } from "./scripts.ts";

const LEASE_MS = 3000;
/** How much earlier the lease ends for its holder than for all others. */
const MARGIN_MS = 500;
const RENEW_EVERY_MS = 1000;

/**
 * Which of the nodes logs what all of them get. Until when it is the one is checked where it counts,
 * by the clock of Redis.
 */
export class LogLease {
  /** Name of this node. */
  readonly holder: string;
  readonly #scripts: Scripts;
  readonly #stopRenewing: () => void;
  readonly #onRenewed: (isHeld: boolean) => void;
  /** When it ends by the clock of Redis; undefined while another node has it. */
  #untilMs: number | undefined;
  /** Resolves once it is known again who has it. */
  #doubt: Promise<void> | undefined;
  #isCertain: boolean = false;
  #isStopped: boolean = false;

  /** @param onRenewed told each time that it is certain whether this node is the one */
  constructor(
    holder: string,
    scripts: Scripts,
    clock: Clock,
    onRenewed: (isHeld: boolean) => void = () => {},
  ) {
    this.holder = holder;
    this.#scripts = scripts;
    this.#onRenewed = onRenewed;
    this.#stopRenewing = clock.every(RENEW_EVERY_MS, () => void this.renew());
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
    let untilMs: unknown;
    try {
      const values = [this.holder, String(LEASE_MS), String(MARGIN_MS)];
      untilMs = await this.#scripts.run(LEASE_SCRIPT, [LEASE_KEY], values);
    } catch {
      // Redis is away, which its status tells, or out of memory. The lease may be over meanwhile.
      this.#isCertain = false;
      return;
    }
    if (this.#isStopped) return;
    this.#isCertain = true;
    this.#untilMs = typeof untilMs === "number" && untilMs > 0 ? untilMs : undefined;
    this.#onRenewed(this.#untilMs !== undefined);
  }

  /**
   * Finds out who has it when nobody can know: its holder has given it up, or Redis is back and may
   * be another than before. Never rejects.
   */
  async settle(): Promise<void> {
    if (this.#isStopped || this.#doubt !== undefined) return this.#doubt;
    const doubt = this.renew();
    this.#doubt = doubt;
    await doubt;
    this.#doubt = undefined;
  }

  /** Gives it up, upon which another node takes it at once. Harmless when repeated. */
  stop(): void {
    this.#isStopped = true;
    this.#stopRenewing();
    if (this.#untilMs === undefined) return;
    this.#untilMs = undefined;
    this.#scripts.run(RELEASE_SCRIPT, [LEASE_KEY], [this.holder, LEASE_CHANNEL]).catch(() => {
      // Redis is away; the lease ends by itself.
    });
  }
}

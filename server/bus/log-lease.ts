import type { Clock } from "../clock.ts";
import { LEASE_CHANNEL, LEASE_KEY, LEASE_SCRIPT, RELEASE_SCRIPT } from "./log-scripts.ts";
import type { Scripts } from "./scripts.ts";

const LEASE_MS = 3000;
const RENEW_EVERY_MS = 1000;

/**
 * Which of the nodes logs what all of them get. Whether it still is the one is checked where it
 * counts, in Redis.
 */
export class LogLease {
  /** Name of this node. */
  readonly holder: string;
  readonly #scripts: Scripts;
  readonly #stopRenewing: () => void;
  readonly #onRenewed: (isHeld: boolean) => void;
  #isHeld: boolean = false;
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

  /** Whether this node is the one, as far as it knows: as long as Redis does not say otherwise. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether Redis has taken the last renewal. */
  get isCertain(): boolean {
    return this.#isCertain;
  }

  /** Keeps the lease, or takes it if nobody has it. Never rejects. */
  async renew(): Promise<void> {
    try {
      const values = [this.holder, String(LEASE_MS)];
      this.#isHeld = (await this.#scripts.run(LEASE_SCRIPT, [LEASE_KEY], values)) === 1;
      this.#isCertain = true;
    } catch {
      // Redis is away, which its status tells, or out of memory. The lease may be over meanwhile.
      this.#isCertain = false;
      return;
    }
    this.#onRenewed(this.#isHeld);
  }

  /** Takes the lease that its holder has given up, if no other node is faster. Never rejects. */
  async take(): Promise<void> {
    if (this.#isStopped) return;
    // What comes from now on is sent behind the taking, and is logged if that succeeds.
    this.#isHeld = true;
    await this.renew();
  }

  /** Gives it up, upon which another node takes it at once. Harmless when repeated. */
  stop(): void {
    this.#isStopped = true;
    this.#stopRenewing();
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#scripts.run(RELEASE_SCRIPT, [LEASE_KEY], [this.holder, LEASE_CHANNEL]).catch(() => {
      // Redis is away; the lease ends by itself.
    });
  }
}

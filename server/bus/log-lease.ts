import type { Clock } from "../clock.ts";
import { LEASE_KEY, LEASE_SCRIPT, RELEASE_SCRIPT } from "./log-scripts.ts";
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
  #isHeld: boolean = false;

  constructor(holder: string, scripts: Scripts, clock: Clock) {
    this.holder = holder;
    this.#scripts = scripts;
    this.#stopRenewing = clock.every(RENEW_EVERY_MS, () => void this.renew());
  }

  /** Whether this node is the one, as far as it knows. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Keeps the lease, or takes it if nobody has it. Never rejects. */
  async renew(): Promise<void> {
    try {
      const values = [this.holder, String(LEASE_MS)];
      this.#isHeld = (await this.#scripts.run(LEASE_SCRIPT, [LEASE_KEY], values)) === 1;
    } catch {
      // Redis is away, which its status tells.
      this.#isHeld = false;
    }
  }

  /** Gives it up. Harmless when repeated. */
  stop(): void {
    this.#stopRenewing();
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#scripts.run(RELEASE_SCRIPT, [LEASE_KEY], [this.holder]).catch(() => {
      // Redis is away; the lease ends by itself.
    });
  }
}

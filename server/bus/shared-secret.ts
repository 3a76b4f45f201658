import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { Seal } from "./seal.ts";
import type { Servers } from "./servers.ts";

/** What a shared secret needs of its surroundings. */
export interface SharedSecretContext {
  /** What all nodes were given; undefined where they are to agree on one. */
  readonly given: string | undefined;
  readonly clock: Clock;
  /** The servers that can be asked now. */
  readonly servers: () => Servers | undefined;
}

const SECRET_KEY = "commonroom:secret";
const SECRET_BYTES = 32;
/** How often it is asked for anew, at most, because messages cannot be opened. */
const DOUBT_EVERY_MS = 1000;

/**
 * The secret of the nodes' {@link Seal}. Where they were given none, they agree on one that Redis
 * keeps: that stops whoever may publish there, and not who may read the nodes' keys.
 */
export class SharedSecret {
  /** Closed and opened with the secret as it is now. */
  readonly seal: Seal;
  readonly #context: SharedSecretContext;
  #agreed: string;
  #isAsking: boolean = false;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(context: SharedSecretContext) {
    this.#context = context;
    this.#agreed = randomBytes(SECRET_BYTES).toString("base64url");
    this.seal = new Seal(context.given ?? this.#agreed, () => this.#doubt());
  }

  /**
   * Takes the secret that Redis keeps, or has it keep this node's.
   *
   * @throws Error if Redis cannot be reached, or can keep nothing
   */
  async agree(servers: Servers): Promise<void> {
    if (this.#context.given !== undefined) return;
    const owner = servers.ownerOf(SECRET_KEY);
    let kept = await owner.get(SECRET_KEY);
    if (kept === null) {
      // Another node may be faster, and its secret counts.
      await owner.set(SECRET_KEY, this.#agreed, { condition: "NX" });
      kept = await owner.get(SECRET_KEY);
    }
    if (kept === null || kept === "") throw new Error(`${SECRET_KEY} cannot be kept`);
    this.#agreed = kept;
    this.seal.share(kept);
  }

  /** The key may have been dropped, so that nodes which came later have another secret. */
  #doubt(): void {
    const { given, clock, servers } = this.#context;
    const reachable = servers();
    const isEarly = clock.now() < this.#askedAtMs + DOUBT_EVERY_MS;
    if (given !== undefined || reachable === undefined || this.#isAsking || isEarly) return;
    this.#isAsking = true;
    this.#askedAtMs = clock.now();
    this.agree(reachable)
      .catch(() => {
        // Redis is away, which its status tells. It is asked again with the next connection.
      })
      .finally(() => {
        this.#isAsking = false;
      });
  }
}

import { hash } from "node:crypto";

/** Longest token that is remembered, in characters. A longer one is checked each time. */
const MAX_CHARS = 4096;

/** How much is remembered, and for how long. */
export interface TokenMemoryLimits {
  /** Tokens that are remembered; the one unused for longest makes room. Default: 10,000. */
  readonly maxTokens?: number;
  /** How long a token is remembered after it was checked, however often it is used. Default: 60,000. */
  readonly keepMs?: number;
}

interface Remembered<Claims> {
  readonly claims: Claims;
  readonly checkedAtMs: number;
}

/**
 * A short memory of what good tokens say, so that thousands of clients that come back at once cost
 * one signature check each and not one for each of their joins.
 *
 * Tokens are known by their SHA-256; their text is not kept. What changes with time, such as their
 * expiry, is not remembered here.
 */
export class TokenMemory<Claims> {
  readonly #now: () => number;
  readonly #maxTokens: number;
  readonly #keepMs: number;
  /** In the order of their last use. */
  readonly #tokens = new Map<string, Remembered<Claims>>();

  /** @param now the present, in milliseconds */
  constructor(now: () => number, { maxTokens = 10_000, keepMs = 60_000 }: TokenMemoryLimits = {}) {
    this.#now = now;
    this.#maxTokens = maxTokens;
    this.#keepMs = keepMs;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#tokens.size;
  }

  /**
   * What a token says: remembered, or else found out now.
   *
   * @param check reads the token; undefined for one whose signature is wrong, which is not remembered
   */
  recall(text: string, check: (text: string) => Claims | undefined): Claims | undefined {
    if (text.length > MAX_CHARS) return check(text);
    const digest = hash("sha256", text);
    const known = this.#tokens.get(digest);
    if (known !== undefined) {
      this.#tokens.delete(digest);
      if (this.#isFresh(known)) {
        this.#tokens.set(digest, known);
        return known.claims;
      }
    }
    const claims = check(text);
    if (claims !== undefined) this.#remember(digest, claims);
    return claims;
  }

  /** A clock that went back tells nothing of an age. */
  #isFresh({ checkedAtMs }: Remembered<Claims>): boolean {
    const ageMs = this.#now() - checkedAtMs;
    return ageMs >= 0 && ageMs < this.#keepMs;
  }

  #remember(digest: string, claims: Claims): void {
    this.#tokens.set(digest, { claims, checkedAtMs: this.#now() });
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= this.#maxTokens) return;
      this.#tokens.delete(oldest);
    }
  }
}

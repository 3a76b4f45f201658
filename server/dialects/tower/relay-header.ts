import { createHmac, timingSafeEqual } from "node:crypto";
import { pythonJson } from "./python-json.ts";

const HEADER = /^HMAC-SHA256 (\d{1,15}):[0-9a-f]{64}$/;
/** How far a relay's clock may be from this one. */
const TOLERANCE_SECS = 300;

/** Judges the headers of relays. Each is good for one connection. */
export class RelayHeaders {
  readonly #secret: string;
  readonly #nowMs: () => number;
  /** When each header that has been used comes out of the window, in seconds since 1970. */
  readonly #used = new Map<string, number>();

  /** @param nowMs the present, in milliseconds since 1970 */
  constructor(secret: string, nowMs: () => number) {
    this.#secret = secret;
    this.#nowMs = nowMs;
  }

  /** How many used headers are remembered. */
  get size(): number {
    return this.#used.size;
  }

  /** Whether a header is right, of now, and has not been used; it is used from then on. */
  accept(header: unknown): boolean {
    if (typeof header !== "string") return false;
    const nonce = HEADER.exec(header)?.[1];
    if (nonce === undefined) return false;
    const isRight = timingSafeEqual(Buffer.from(header), rightHeader(this.#secret, nonce));
    const nowSecs = Math.floor(this.#nowMs() / 1000);
    const atSecs = Number(nonce);
    if (!isRight || Math.abs(nowSecs - atSecs) > TOLERANCE_SECS) return false;
    this.#forget(nowSecs);
    if (this.#used.has(nonce)) return false;
    this.#used.set(nonce, atSecs + TOLERANCE_SECS);
    return true;
  }

  #forget(nowSecs: number): void {
    for (const [nonce, untilSecs] of this.#used) if (untilSecs < nowSecs) this.#used.delete(nonce);
  }
}

/** What is signed is the text that AWX makes in Python; the key is the secret's UTF-8. */
function rightHeader(secret: string, nonce: string): Buffer {
  const hmac = createHmac("sha256", secret).update(pythonJson({ secret, nonce }));
  return Buffer.from(`HMAC-SHA256 ${nonce}:${hmac.digest("hex")}`);
}

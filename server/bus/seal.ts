import { createHmac, timingSafeEqual } from "node:crypto";

const KEY_NAME = "commonroom: what nodes tell each other";
/** Base64url of 32 bytes. */
const MAC_LENGTH = 43;

/**
 * Seals what nodes tell each other on Redis with the secret that they share, so that whoever else can
 * publish there cannot speak as a node.
 */
export class Seal {
  readonly #onBroken: () => void;
  #key: Buffer;

  /**
   * @param secret the same on all nodes, and known to nobody else
   * @param onBroken told of each message that could not be opened
   */
  constructor(secret: string, onBroken: () => void = () => {}) {
    this.#onBroken = onBroken;
    this.#key = keyOf(secret);
  }

  /** Takes another secret from now on. */
  share(secret: string): void {
    this.#key = keyOf(secret);
  }

  /** The seal of a message for a channel, which may be given in parts. */
  of(channel: string, ...parts: readonly (string | Buffer)[]): string {
    const mac = createHmac("sha256", this.#key).update(`${channel}\n`);
    for (const part of parts) mac.update(part);
    return mac.digest("base64url");
  }

  /** Seals a text for a channel: the seal stands before it. */
  close(channel: string, text: string): string {
    return this.of(channel, text) + text;
  }

  /** The text of a message that came on a channel; undefined where no node has sealed it. */
  open(channel: string, message: Buffer): Buffer | undefined {
    const text = message.subarray(MAC_LENGTH);
    const came = message.toString("latin1", 0, MAC_LENGTH);
    return this.fits(came, this.of(channel, text)) ? text : undefined;
  }

  /** Whether what came as a seal is the one that it has to be. */
  fits(came: string, expected: string): boolean {
    const [one, other] = [Buffer.from(came, "latin1"), Buffer.from(expected, "latin1")];
    const isSame = one.length === other.length && timingSafeEqual(one, other);
    if (!isSame) this.#onBroken();
    return isSame;
  }
}

function keyOf(secret: string): Buffer {
  return createHmac("sha256", secret).update(KEY_NAME).digest();
}

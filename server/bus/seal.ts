import { createHmac, timingSafeEqual } from "node:crypto";

const KEY_NAME = "commonroom: what nodes tell each other";
/** Base64url of 32 bytes. */
const MAC_LENGTH = 43;

/**
 * Seals what nodes tell each other on Redis with the secret that they share, so that whoever else can
 * publish there cannot speak as a node. Without a secret nothing is sealed.
 */
export class Seal {
  readonly #key: Buffer | undefined;

  /** @param secret the same on all nodes, and known to nobody else */
  constructor(secret: string | undefined) {
    if (secret !== undefined) this.#key = createHmac("sha256", secret).update(KEY_NAME).digest();
  }

  /** Seals a text for a channel. */
  close(channel: string, text: string): string {
    if (this.#key === undefined) return text;
    return macOf(this.#key, channel, text).toString("base64url") + text;
  }

  /** The text of a message that came on a channel; undefined where no node has sealed it. */
  open(channel: string, message: Buffer): Buffer | undefined {
    if (this.#key === undefined) return message;
    const mac = Buffer.from(message.toString("latin1", 0, MAC_LENGTH), "base64url");
    const text = message.subarray(MAC_LENGTH);
    const expected = macOf(this.#key, channel, text);
    return mac.length === expected.length && timingSafeEqual(mac, expected) ? text : undefined;
  }
}

function macOf(key: Buffer, channel: string, text: string | Buffer): Buffer {
  return createHmac("sha256", key).update(`${channel}\n`).update(text).digest();
}

const LENGTH_16_BIT = 126;
const LENGTH_64_BIT = 127;
const OPCODE_CLOSE = 0x8;
const NOTHING = Buffer.alloc(0);

/**
 * Counts the complete frames of a server's WebSocket stream without looking into them, so that the
 * client costs as little as it can. Knows one thing about payloads: a byte alone is a ping of
 * Engine.IO, not a message.
 */
export class FrameReader {
  /** Pings so far. */
  pings = 0;
  /** Bytes of the present payload that have not come yet. */
  #missingBytes = 0;
  /** The present payload's length. */
  #payloadBytes = 0;
  /** A header that has come in part. */
  #held = NOTHING;

  /**
   * Takes the next bytes of the stream.
   *
   * @param chunk is not kept
   * @returns how many messages became complete
   */
  read(chunk: Buffer, byteLength: number): number {
    const isWhole = this.#held.length === 0;
    const bytes = isWhole ? chunk : Buffer.concat([this.#held, chunk.subarray(0, byteLength)]);
    const end = isWhole ? byteLength : bytes.length;
    this.#held = NOTHING;
    let messages = 0;
    let offset = 0;
    while (offset < end) {
      if (this.#missingBytes === 0) {
        const start = this.#readHeader(bytes, offset, end);
        if (start === undefined) break;
        offset = start;
      }
      const taken = Math.min(this.#missingBytes, end - offset);
      offset += taken;
      this.#missingBytes -= taken;
      if (this.#missingBytes > 0) break;
      if (this.#payloadBytes === 1) this.pings += 1;
      else messages += 1;
    }
    return messages;
  }

  /** Where the payload starts, or undefined if the header is not complete. */
  #readHeader(bytes: Buffer, offset: number, end: number): number | undefined {
    const length = offset + 1 < end ? (bytes[offset + 1] ?? 0) : 0;
    const start = offset + (length === LENGTH_16_BIT ? 4 : 2);
    if (start > end) {
      this.#held = Buffer.from(bytes.subarray(offset, end));
      return undefined;
    }
    if (length === LENGTH_64_BIT) throw new Error("a frame of more than 64 kB");
    if (((bytes[offset] ?? 0) & 0x0f) === OPCODE_CLOSE) throw new Error("a server closed a member");
    this.#payloadBytes = length === LENGTH_16_BIT ? bytes.readUInt16BE(offset + 2) : length;
    this.#missingBytes = this.#payloadBytes;
    return start;
  }
}

const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_16_BIT = 126;
/** Any key but zero will do: nothing listens in, and servers take a short cut for zero. */
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** Encodes a text frame as a client sends it: masked (RFC 6455 §5.3). At most 64 kB. */
export function encodeClientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const isShort = payload.length < LENGTH_16_BIT;
  const header = Buffer.alloc(isShort ? 2 : 4);
  header[0] = FINAL_TEXT;
  header[1] = MASKED | (isShort ? payload.length : LENGTH_16_BIT);
  if (!isShort) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, MASK, payload.map((byte, at) => byte ^ (MASK[at % 4] ?? 0))]);
}

/** Decodes the first frame of a server, or undefined if it is not complete. At most 64 kB. */
export function decodeServerFrame(bytes: Buffer): { text: string; end: number } | undefined {
  if (bytes.length < 4) return undefined;
  const isShort = bytes.readUInt8(1) < LENGTH_16_BIT;
  const start = isShort ? 2 : 4;
  const end = start + (isShort ? bytes.readUInt8(1) : bytes.readUInt16BE(2));
  return bytes.length < end ? undefined : { text: bytes.toString("utf8", start, end), end };
}

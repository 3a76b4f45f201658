const FINAL = 0x80;
const TEXT = 0x1;
const BINARY = 0x2;
const LENGTH_16_BIT = 126;
const LENGTH_64_BIT = 127;
const MAX_16_BIT = 0xffff;

/**
 * Encodes one unfragmented, unmasked WebSocket frame, as a server sends it (RFC 6455 §5.2).
 *
 * @param data text becomes a text frame in UTF-8, bytes a binary frame
 */
export function encodeFrame(data: string | Uint8Array): Buffer {
  const isText = typeof data === "string";
  const length = isText ? Buffer.byteLength(data) : data.byteLength;
  const headerLength = length < LENGTH_16_BIT ? 2 : length <= MAX_16_BIT ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = FINAL | (isText ? TEXT : BINARY);
  if (headerLength === 2) {
    frame[1] = length;
  } else if (headerLength === 4) {
    frame[1] = LENGTH_16_BIT;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64_BIT;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  if (isText) frame.write(data, headerLength, "utf8");
  else frame.set(data, headerLength);
  return frame;
}

const OUTSIDE_BASE64 = /[^A-Za-z0-9+/]/;
const PADDING = new Set(["=", "=="]);

/** The bytes of standard base64 with padding; undefined for any other text. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const outsideAt = text.search(OUTSIDE_BASE64);
  if (outsideAt !== -1 && !PADDING.has(text.slice(outsideAt))) return undefined;
  return Buffer.from(text, "base64");
}

/** The bytes of an array of numbers from 0 to 255; undefined if it holds anything else. */
export function bytesOfNumbers(numbers: readonly unknown[]): Uint8Array | undefined {
  const bytes = new Uint8Array(numbers.length);
  let at = 0;
  for (const number of numbers) {
    if (typeof number !== "number") return undefined;
    bytes[at] = number;
    if (bytes[at] !== number) return undefined;
    at += 1;
  }
  return bytes;
}

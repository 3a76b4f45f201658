import { createHash } from "node:crypto";

/** Hexadecimal digits of r, or of s. */
const PART_DIGITS = 64;
const SIGNATURE_DIGITS = 2 * PART_DIGITS + 2;
const NOT_HEX = /[^0-9a-fA-F]/;

// Hexadecimal digits of one length compare as the numbers that they say.
const ZERO = "0".repeat(PART_DIGITS);
const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const HALF_ORDER = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
/** The field's prime less the order: what r has to be below to stand for r + order. */
const ABOVE_ORDER = "000000000000000000000000000000014551231950b75fc4402da1722fc9baee";

const FIRST_CODE = 27;
const LAST_CODE = 34;
/** Says that the signer's key is written in its short form, which changes nothing. */
const SHORT_FORM_CODES = 4;

/** A refusal, in the words that ColonyOS clients know. */
export interface BadSignature {
  readonly ok: false;
  readonly text: string;
}

/** A signature as the recovery takes it. */
export interface ReadableSignature {
  readonly ok: true;
  /** r, s and the recovery code 0..3, as lower-case hexadecimal digits. */
  readonly signature: string;
}

/** Reads a signature, and refuses what can be told without recovering the key. */
export function readSignature(text: string): ReadableSignature | BadSignature {
  const malformed = malformation(text);
  if (malformed !== undefined) return { ok: false, text: malformed };
  const digits = text.toLowerCase();
  const r = digits.slice(0, PART_DIGITS);
  const s = digits.slice(PART_DIGITS, 2 * PART_DIGITS);
  const code = Number.parseInt(digits.slice(2 * PART_DIGITS), 16);
  const wrong = wrongNumber(r, s, code);
  if (wrong !== undefined) return unrecoverable(wrong);
  if (s > HALF_ORDER) {
    return { ok: false, text: "Failed verify signature: Signature s value is over half the order" };
  }
  return { ok: true, signature: `${r}${s}0${code % SHORT_FORM_CODES}` };
}

/** A refusal for a reason that the recovery of the key finds. */
export function unrecoverable(reason: string): BadSignature {
  return { ok: false, text: `Failed to recover public key: invalid signature: ${reason}` };
}

/** What a signature is made over, as lower-case hexadecimal digits: SHA3-256 of the payload. */
export function payloadDigest(payload: string): string {
  return createHash("sha3-256").update(payload).digest("hex");
}

function malformation(text: string): string | undefined {
  const badAt = text.search(NOT_HEX);
  if (badAt !== -1) return `encoding/hex: invalid byte: ${shownByte(text.slice(badAt, badAt + 2))}`;
  if (text.length % 2 === 1) return "encoding/hex: odd length hex string";
  return text.length === SIGNATURE_DIGITS ? undefined : "Invalid signature length";
}

/** The first byte of a text in UTF-8, as Go shows it. */
function shownByte(text: string): string {
  const byte = Buffer.from(text)[0] ?? 0;
  const code = `U+${byte.toString(16).toUpperCase().padStart(4, "0")}`;
  const isPrintable = byte >= 0x20 && byte !== 0x7f;
  return isPrintable ? `${code} '${String.fromCharCode(byte)}'` : code;
}

function wrongNumber(r: string, s: string, code: number): string | undefined {
  const shownCode = (code + FIRST_CODE) & 0xff;
  if (shownCode < FIRST_CODE || shownCode > LAST_CODE) {
    return `public key recovery code ${shownCode} is not in the valid range [${FIRST_CODE}, ${LAST_CODE}]`;
  }
  if (r >= ORDER) return "R >= group order";
  if (r === ZERO) return "R is 0";
  if (s >= ORDER) return "S >= group order";
  if (s === ZERO) return "S is 0";
  const isAboveOrder = code % SHORT_FORM_CODES >= 2;
  return isAboveOrder && r >= ABOVE_ORDER ? "signature R + N >= P" : undefined;
}

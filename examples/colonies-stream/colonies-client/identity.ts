import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha3_256 } from "@noble/hashes/sha3.js";

/** Makes a private key: 64 hexadecimal digits. */
export function generatePrivateKey(): string {
  return hexOf(secp256k1.utils.randomSecretKey());
}

/**
 * The identity that a private key stands for, by which colonies, executors and users are known.
 *
 * @param privateKey 64 hexadecimal digits
 * @throws RangeError if it is no key
 */
export function deriveId(privateKey: string): string {
  // The public key's hexadecimal text is hashed, not its bytes.
  const publicKey = hexOf(secp256k1.getPublicKey(keyOf(privateKey), false));
  return hexOf(sha3_256(Buffer.from(publicKey)));
}

/**
 * Signs a text. The same text and key give the same signature.
 *
 * @param privateKey 64 hexadecimal digits
 * @returns `r`, `s` and the recovery number: 130 hexadecimal digits
 * @throws RangeError if it is no key
 */
export function sign(text: string, privateKey: string): string {
  const hash = sha3_256(Buffer.from(text));
  const options = { prehash: false, format: "recovered" } as const;
  const signature = hexOf(secp256k1.sign(hash, keyOf(privateKey), options));
  // The library writes the recovery number first.
  return signature.slice(2) + signature.slice(0, 2);
}

function keyOf(privateKey: string): Uint8Array {
  const key = Buffer.from(privateKey, "hex");
  if (privateKey.length === 64 && secp256k1.utils.isValidSecretKey(key)) return key;
  throw new RangeError("a private key is 64 hexadecimal digits");
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

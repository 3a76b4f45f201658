// JavaScript, since a worker of Node 20 loads no TypeScript.
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha3_256 } from "@noble/hashes/sha3.js";

const CODE_AT = 64;

/**
 * The identity of whoever signed a digest: SHA3-256 over the text of the public key's hexadecimal
 * digits.
 *
 * @param {string} digest hexadecimal digits of 32 bytes
 * @param {string} signature hexadecimal digits of r, s and the recovery code 0..3, in their ranges
 * @returns {string | undefined} undefined where no public key belongs to them
 */
export function recoverId(digest, signature) {
  const bytes = Buffer.from(signature, "hex");
  const codeFirst = Buffer.concat([bytes.subarray(CODE_AT), bytes.subarray(0, CODE_AT)]);
  const parsed = secp256k1.Signature.fromBytes(codeFirst, "recovered");
  const publicKey = publicKeyOf(parsed, Buffer.from(digest, "hex"));
  return publicKey && Buffer.from(sha3_256(Buffer.from(publicKey))).toString("hex");
}

/**
 * @param {ReturnType<typeof secp256k1.Signature.fromBytes>} signature
 * @param {Uint8Array} digest
 */
function publicKeyOf(signature, digest) {
  try {
    return signature.recoverPublicKey(digest).toHex(false);
  } catch {
    // Its r is no point of the curve, or the key would be the point at infinity.
    return undefined;
  }
}

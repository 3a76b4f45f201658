import { recoverId } from "../../server/dialects/colonies/signatures/recover.js";
import {
  type BadSignature,
  payloadDigest,
  readSignature,
  unrecoverable,
} from "../../server/dialects/colonies/signatures/signature.ts";

/**
 * Identity of whoever signed a payload, found out at once: it takes about a millisecond. Servers
 * use `Signatures`, which spares the event loop.
 *
 * @param payload what was signed, as it travels
 * @param signature 130 hexadecimal digits
 */
export function recoverIdentity(
  payload: string,
  signature: string,
): { readonly ok: true; readonly id: string } | BadSignature {
  const readable = readSignature(signature);
  if (!readable.ok) return readable;
  const id = recoverId(payloadDigest(payload), readable.signature);
  return id === undefined ? unrecoverable("not for a valid curve point") : { ok: true, id };
}

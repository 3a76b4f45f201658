import type { Signatures } from "../signatures/signatures.ts";
import { decodeEnvelope, decodeRequest } from "../wire/codec.ts";
import { done, failed, type Outcome } from "../wire/outcome.ts";
import type { RequestOf } from "../wire/request.ts";
import { unknownTypeText } from "../wire/request-phrase.ts";
import type { SubscriptionType } from "./subscription.ts";

/** What a client asks for, and who it is. */
export interface SubscriptionRequest {
  readonly request: RequestOf<SubscriptionType>;
  /** Identity of whoever signed it. */
  readonly signer: string;
}

/** Requests of clients are a few hundred bytes long. */
const MAX_FRAME_BYTES = 16_384;

/** Reads a frame of a client: text, or the same as bytes. */
export async function readSubscription(
  data: string | Buffer,
  signatures: Pick<Signatures, "signer">,
): Promise<Outcome<SubscriptionRequest>> {
  if (data.length > MAX_FRAME_BYTES) return failed(413, "Failed to parse request, too large");
  const decoded = decodeEnvelope(data);
  if (!decoded.ok) return decoded;
  const { payload, signature } = decoded.envelope;
  const outcome = decodeRequest(decoded.envelope);
  if (!outcome.ok) return outcome;
  const request = outcome.value;
  if (request.msgtype !== "subscribeprocessmsg" && request.msgtype !== "subscribechannelmsg") {
    return failed(403, unknownTypeText(request.msgtype));
  }
  const signed = await signatures.signer(payload, signature);
  return signed.ok ? done({ request, signer: signed.id }) : failed(signed.status, signed.text);
}

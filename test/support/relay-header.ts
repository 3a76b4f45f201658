import { createHmac } from "node:crypto";
import { pythonJson } from "../../server/dialects/tower/python-json.ts";

/** The `secret` header with which AWX's task node connects at a time. */
export function relayHeader(secret: string, nonce: string): string {
  const hmac = createHmac("sha256", secret).update(pythonJson({ secret, nonce }));
  return `HMAC-SHA256 ${nonce}:${hmac.digest("hex")}`;
}

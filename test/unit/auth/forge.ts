import { createHmac } from "node:crypto";

/** A token signed with an HMAC, its header and payload as given: valid or not. */
export function hmacToken(
  payload: unknown,
  secret = "secret",
  header: object = { typ: "JWT", alg: "HS256" },
  digest = "sha256",
): string {
  const head = signedPart(payload, header);
  return `${head}.${createHmac(digest, secret).update(head).digest("base64url")}`;
}

/** A token without a signature. */
export function unsigned(payload: unknown, header: object): string {
  return `${signedPart(payload, header)}.`;
}

/** What a signature covers. A payload that is text is taken as the JSON itself. */
export function signedPart(payload: unknown, header: object): string {
  const json = typeof payload === "string" ? payload : JSON.stringify(payload);
  return `${encode(JSON.stringify(header))}.${encode(json)}`;
}

function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

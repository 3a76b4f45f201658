import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import { answerText } from "./answer.ts";
import type { HttpContext } from "./context.ts";

/**
 * Lets through those who may ask for a token: everyone if the endpoint is open, and always the
 * holder of an API key. Anyone else gets 401 if there are API keys, and 403 if there are none.
 */
export function tokenAccess(context: Pick<HttpContext, "auth" | "loopbackOnly">): RequestHandler {
  const { tokenEndpoint, apiKeys } = context.auth;
  const isOpen = (): boolean =>
    tokenEndpoint === "open" || (tokenEndpoint === "loopback" && context.loopbackOnly);
  const holdsKey = keyCheck(apiKeys);

  return (request, response, next) => {
    if (isOpen() || holdsKey(request.headers.authorization)) {
      next();
    } else if (apiKeys.length > 0) {
      response.setHeader("www-authenticate", "Bearer");
      answerText(response, 401, "send an API key as Authorization: Bearer <key>");
    } else {
      answerText(
        response,
        403,
        'the token endpoint is off; set [auth] token_endpoint = "open" or give it an API key',
      );
    }
  };
}

/** Checks an `Authorization` header against the keys, in a time that does not tell how close it is. */
export function keyCheck(
  apiKeys: readonly string[],
): (authorization: string | undefined) => boolean {
  const digests = apiKeys.map((key) => sha256(Buffer.from(key, "utf8")));
  return (authorization) => {
    const given = /^bearer +(.+)$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) return false;
    // Node reads headers as Latin-1; this restores the bytes that were sent.
    const digest = sha256(Buffer.from(given, "latin1"));
    return digests.filter((known) => timingSafeEqual(known, digest)).length > 0;
  };
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

import type { Express, RequestHandler } from "express";
import { signToken } from "../auth/token.ts";
import { maxTokenChars } from "../auth/token-verifier.ts";
import { answerJson, answerText, methodNotAllowed } from "./answer.ts";
import type { HttpContext } from "./context.ts";
import { textOriginGuard } from "./origin-guard.ts";
import { bytesOf, rawBody } from "./request-body.ts";
import { tokenAccess } from "./token-access.ts";
import { isJsonType, readTokenRequest, wrongShape } from "./token-request.ts";

/**
 * Adds `POST /token`: signs a token for whoever may ask, without checking the rooms it names.
 *
 * Statuses, texts and the order of the answer's members are those of Tangram's channel service.
 * Ours are who may ask, lists of rooms in `channel`, and 501 where there is no secret to sign with.
 */
export function addTokenRoute(app: Express, context: HttpContext): void {
  const { tokenSecret } = context;
  app
    .route("/token")
    .post(textOriginGuard(context), tokenAccess(context))
    .post(tokenSecret === undefined ? refuseToSign : giveToken(context, tokenSecret))
    .all(methodNotAllowed("POST"));
}

const refuseToSign: RequestHandler = (_request, response) => {
  answerText(response, 501, "this server has no secret to sign tokens with, only a public key");
};

function giveToken(context: HttpContext, secret: string): RequestHandler[] {
  return [requireJsonType, rawBody(context.maxBodyBytes), signForBody(context, secret)];
}

const requireJsonType: RequestHandler = (request, response, next) => {
  if (isJsonType(request.headers["content-type"])) next();
  else answerText(response, 415, "Expected request with `Content-Type: application/json`");
};

function signForBody(context: HttpContext, secret: string): RequestHandler {
  const { auth, now, randomId } = context;
  return (request, response) => {
    const asked = readTokenRequest(bytesOf(request.body));
    if (!asked.ok) {
      answerText(response, asked.status, asked.text);
      return;
    }
    const { channel, id = randomId() } = asked.request;
    const token = signToken({ id, channel }, secret, auth.jwtExpirationSecs, now());
    if (token.length <= maxTokenChars) answerJson(response, { channel, id, token });
    else {
      const tooLong = wrongShape(`the token would be longer than ${maxTokenChars} characters`);
      answerText(response, tooLong.status, tooLong.text);
    }
  };
}

import type { RequestHandler, Response } from "express";
import { closes } from "../codes.ts";
import { answerJson, answerText } from "./answer.ts";
import type { HttpContext } from "./context.ts";

const FORBIDDEN = 403;
const CODE = "origin_refused";
const { reason } = closes[CODE];

/** Makes what refuses pages that may not connect: 403 with `{reason, code}`. */
export function originGuard(context: Pick<HttpContext, "isOriginAllowed">): RequestHandler {
  return guard(context, (response) => {
    response.status(FORBIDDEN);
    answerJson(response, { reason, code: CODE });
  });
}

/** Makes what refuses such pages with a text. */
export function textOriginGuard(context: Pick<HttpContext, "isOriginAllowed">): RequestHandler {
  return guard(context, (response) => answerText(response, FORBIDDEN, reason));
}

function guard(
  { isOriginAllowed }: Pick<HttpContext, "isOriginAllowed">,
  refuse: (response: Response) => void,
): RequestHandler {
  return (request, response, next) => {
    if (isOriginAllowed?.(request) === false) refuse(response);
    else next();
  };
}

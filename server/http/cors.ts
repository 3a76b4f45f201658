import type { RequestHandler } from "express";
import type { HttpContext } from "./context.ts";

/**
 * Makes what lets pages read every answer, and answers every `OPTIONS` with 200. Pages are those of
 * any origin, or those that the server lets connect.
 *
 * The headers are those of Tangram's channel service: any origin, method and request header; no
 * credentials. So a browser never adds a cookie on its own. `*` does not stand for `Authorization`.
 */
export function createCors({
  isOriginAllowed,
}: Pick<HttpContext, "isOriginAllowed">): RequestHandler {
  return (request, response, next) => {
    if (isOriginAllowed !== undefined) response.vary("origin");
    const mayRead = isOriginAllowed?.(request) !== false;
    if (mayRead) response.setHeader("access-control-allow-origin", "*");
    if (request.method !== "OPTIONS") {
      next();
      return;
    }
    if (mayRead) {
      response.setHeader("access-control-allow-methods", "*");
      response.setHeader("access-control-allow-headers", "*, authorization");
    }
    response.status(200).end();
  };
}

import type { RequestHandler } from "express";

/**
 * Lets pages of any origin read every answer, and answers every `OPTIONS` with 200.
 *
 * The headers are those of Tangram's channel service: any origin, method and request header; no
 * credentials. So a browser never adds a cookie on its own.
 */
export const cors: RequestHandler = (request, response, next) => {
  response.setHeader("access-control-allow-origin", "*");
  if (request.method !== "OPTIONS") {
    next();
    return;
  }
  response.setHeader("access-control-allow-methods", "*");
  response.setHeader("access-control-allow-headers", "*");
  response.status(200).end();
};

import type { Express, RequestHandler, Response } from "express";
import type { HttpContext, LongPolling } from "./context.ts";
import { inTurn } from "./in-turn.ts";
import { bytesOf, rawBody } from "./request-body.ts";

/** Beside each WebSocket address of Phoenix clients, with and without a slash at the end. */
const longPollPaths = ["/longpoll", "/websocket/longpoll", "/socket/longpoll"].flatMap((path) => [
  path,
  `${path}/`,
]);
const PREFLIGHT_MAX_AGE_SECS = 3600;

/**
 * Adds Phoenix's long-polling. The HTTP status is 200, and the one that a client of it looks at is
 * in the body, but for a client that is to come back later, and for requests that no such client
 * makes.
 */
export function addLongPollRoute(app: Express, { longPoll, maxBodyBytes }: HttpContext): void {
  if (longPoll === undefined) return;
  // Express would let GET answer HEAD, so the method is looked at here.
  app.all(longPollPaths, setHeaders, inTurn, (request, response, next) => {
    if (request.method === "GET") poll(longPoll, request, response);
    else if (request.method === "OPTIONS") answerPreflight(request, response, next);
    else if (request.method === "POST") next();
    else response.status(400).end();
  });
  app.post(longPollPaths, rawBody(maxBodyBytes), (request, response) => {
    answer(response, longPoll.post(request, bytesOf(request.body)));
  });
}

const setHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("cache-control", "no-store");
  next();
};

const answerPreflight: RequestHandler = (request, response) => {
  const asked = request.headers["access-control-request-headers"];
  if (asked !== undefined) response.setHeader("access-control-allow-headers", asked);
  response.setHeader("access-control-allow-methods", "get, post, options");
  response.setHeader("access-control-max-age", String(PREFLIGHT_MAX_AGE_SECS));
  response.status(200).end();
};

function poll(
  longPoll: LongPolling,
  request: Parameters<RequestHandler>[0],
  response: Response,
): void {
  const giveUp = longPoll.get(request, (body, isLast) => answer(response, body, isLast));
  // Also emitted after an answer, when there is nothing left to give up.
  response.on("close", giveUp);
}

function answer(response: Response, body: string | Buffer | undefined, isLast = false): void {
  // A server that stops waits for its connections.
  if (isLast || body === undefined) response.setHeader("connection", "close");
  if (body === undefined) {
    // Clients take an answer without a body for one to repeat, here or at another node.
    response.status(503).end();
    return;
  }
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.end(body);
}

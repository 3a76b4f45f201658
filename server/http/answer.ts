import type { RequestHandler, Response } from "express";

/** Answers with a text for people. */
export function answerText(response: Response, status: number, text: string): void {
  response.status(status).setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text);
}

/** Answers with JSON that no cache keeps: 200, unless the status has been set. */
export function answerJson(response: Response, value: unknown): void {
  answerJsonText(response, JSON.stringify(value));
}

/** Answers with JSON that is text already; see {@link answerJson}. */
export function answerJsonText(response: Response, text: string): void {
  response.setHeader("content-type", "application/json");
  response.setHeader("cache-control", "no-store");
  response.end(text);
}

/** A handler that refuses the method: 405 with an empty body. `allow` lists the methods that work. */
export function methodNotAllowed(allow: string): RequestHandler {
  return (_request, response) => {
    response.status(405).setHeader("allow", allow);
    response.end();
  };
}

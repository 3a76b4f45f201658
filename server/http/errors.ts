import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { answerText } from "./answer.ts";

const textsByStatus = new Map([
  [413, "Failed to buffer the request body: length limit exceeded"],
  [415, "content-encoding not supported"],
]);

/** Answers 400 to a path that is not valid percent-encoded UTF-8, such as `/%ff`. */
export const refuseBadPath: RequestHandler = (request, response, next) => {
  const [path = ""] = request.url.split("?", 1);
  if (isPercentEncoded(path)) next();
  else answerText(response, 400, "bad percent-encoding in the path");
};

function isPercentEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/**
 * The last resort: a request's own fault is answered with its status, anything else with 500. The
 * texts are fixed, so that no answer repeats a part of a request or shows the inside of the server.
 *
 * @param onError - told of everything that is not the request's fault.
 */
export function errorHandler(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const status = requestFault(error);
    if (status === undefined) onError(error);
    if (response.headersSent) response.destroy();
    else if (status === undefined) answerText(response, 500, "internal error");
    else answerText(response, status, textsByStatus.get(status) ?? STATUS_CODES[status] ?? "");
  };
}

/** The 4xx status that Express and its body parser give to errors a request is to blame for. */
export function requestFault(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

import express, { type RequestHandler } from "express";
import { requestFault } from "./errors.ts";

type Request = Parameters<RequestHandler>[0];
type Response = Parameters<RequestHandler>[1];

/** A body; or why there is none: the status that fits, where it is the client's fault. */
export type BodyReading =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: number | undefined; readonly error: unknown };

/**
 * Makes the middleware that reads a body as bytes, of whatever type it says it is. Compressed bodies
 * are refused: no client sends them, and few bytes may unpack to very many.
 */
export function rawBody(maxBodyBytes: number): RequestHandler {
  return express.raw({ type: () => true, limit: maxBodyBytes, inflate: false });
}

/** What {@link rawBody} has read. A request without a body has none at all. */
export function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** Makes the function that reads a body as {@link rawBody} does. Never rejects. */
export function bodyReader(
  maxBodyBytes: number,
): (request: Request, response: Response) => Promise<BodyReading> {
  const parse = rawBody(maxBodyBytes);
  return (request, response) =>
    new Promise((resolve) => {
      void parse(request, response, (error: unknown) => {
        if (error === undefined) resolve({ ok: true, bytes: bytesOf(request.body) });
        else resolve({ ok: false, status: requestFault(error), error });
      });
    });
}

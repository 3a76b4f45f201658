import express, { type Express, type RequestHandler } from "express";
import { answerText } from "./answer.ts";
import type { ColoniesApi, HttpContext } from "./context.ts";
import { requestFault } from "./errors.ts";

const BAD_REQUEST = 400;

/**
 * Adds `POST /api`: one signed request of a ColonyOS client, and its answer. Both are JSON of
 * whatever type they say they are: the clients differ, and none looks.
 */
export function addColoniesRoute(app: Express, { colonies, maxBodyBytes }: HttpContext): void {
  if (colonies !== undefined) app.post("/api", answerWith(colonies, maxBodyBytes));
}

function answerWith(colonies: ColoniesApi, limit: number): RequestHandler {
  // Compressed bodies are refused, since few bytes may unpack to very many.
  const parse = express.raw({ type: () => true, limit, inflate: false });
  return async (request, response) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const problem = await readBody(parse, request, response);
    const { status, text } =
      problem === undefined
        ? await colonies.answer(bodyOf(request.body), gone.signal)
        : colonies.unreadable(problem);
    if (!gone.signal.aborted) answerText(response, status, text);
  };
}

/** @returns the status of what is wrong with the body, if anything is */
function readBody(
  parse: RequestHandler,
  ...[request, response]: [Parameters<RequestHandler>[0], Parameters<RequestHandler>[1]]
): Promise<number | undefined> {
  return new Promise((resolve) => {
    void parse(request, response, (error: unknown) => {
      resolve(error === undefined ? undefined : (requestFault(error) ?? BAD_REQUEST));
    });
  });
}

/** A request without a body has none at all. */
function bodyOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

import type { Express, RequestHandler } from "express";
import { answerText } from "./answer.ts";
import type { ColoniesApi, HttpContext } from "./context.ts";
import { inTurn } from "./in-turn.ts";
import { textOriginGuard } from "./origin-guard.ts";
import { bodyReader } from "./request-body.ts";

const BAD_REQUEST = 400;

/**
 * Adds `POST /api`: one signed request of a ColonyOS client, and its answer. Both are JSON of
 * whatever type they say they are: the clients differ, and none looks.
 */
export function addColoniesRoute(app: Express, context: HttpContext): void {
  const { colonies, maxBodyBytes } = context;
  if (colonies === undefined) return;
  app.post("/api", textOriginGuard(context), inTurn, answerWith(colonies, maxBodyBytes));
}

function answerWith(colonies: ColoniesApi, maxBodyBytes: number): RequestHandler {
  const readBody = bodyReader(maxBodyBytes);
  return async (request, response) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const body = await readBody(request, response);
    const { status, text } = body.ok
      ? await colonies.answer(body.bytes, gone.signal)
      : colonies.unreadable(body.status ?? BAD_REQUEST);
    if (!gone.signal.aborted) answerText(response, status, text);
  };
}

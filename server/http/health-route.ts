import type { Express } from "express";
import { answerJson, methodNotAllowed } from "./answer.ts";
import type { HttpContext } from "./context.ts";

/** Adds `GET /health`: 200 with `context.health()` as JSON, asked anew each time. */
export function addHealthRoute(app: Express, context: Pick<HttpContext, "health">): void {
  app
    .route("/health")
    .get((_request, response) => answerJson(response, context.health()))
    .all(methodNotAllowed("GET, HEAD"));
}

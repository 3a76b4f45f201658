import type { Express } from "express";
import { answerJson, methodNotAllowed } from "./answer.ts";
import type { HttpContext } from "./context.ts";

const SERVICE_UNAVAILABLE = 503;

/** Whether a node can do all its work now. */
export interface Readiness {
  /** `ok`, or `degraded` while a Redis that is configured cannot be reached. */
  readonly status: "ok" | "degraded";
  /** `off` without one. */
  readonly redis: string;
}

/**
 * Adds `GET /ready` for load balancers: 200 or 503 with {@link Readiness} as JSON, asked anew each
 * time. Without it the path is unknown.
 */
export function addReadyRoute(app: Express, { ready }: Pick<HttpContext, "ready">): void {
  if (ready === undefined) return;
  app
    .route("/ready")
    .get((_request, response) => {
      const { status, redis } = ready();
      if (status !== "ok") response.status(SERVICE_UNAVAILABLE);
      answerJson(response, { status, redis });
    })
    .all(methodNotAllowed("GET, HEAD"));
}

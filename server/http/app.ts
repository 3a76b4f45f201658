import express, { type Express } from "express";
import { addColoniesRoute } from "./colonies-route.ts";
import type { HttpContext } from "./context.ts";
import { createCors } from "./cors.ts";
import { errorHandler, refuseBadPath } from "./errors.ts";
import { addEventsRoute } from "./events-route.ts";
import { addHealthRoute } from "./health-route.ts";
import { addLogRoute } from "./log-route.ts";
import { addLongPollRoute } from "./long-poll-route.ts";
import { addPresenceRoute } from "./presence-route.ts";
import { addPublishRoute } from "./publish-route.ts";
import { addReadyRoute } from "./ready-route.ts";
import { addTokenRoute } from "./token-route.ts";
import { addWebsocketRoute } from "./websocket-route.ts";

export type { HttpContext } from "./context.ts";

/**
 * Builds the HTTP side of the server: `/token`, `/publish`, what is under `/rooms/`, `/api`,
 * `/health`, `/ready`, Phoenix's long-polling, the answers to those who ask a WebSocket path without
 * an upgrade, and the live page. Every answer may be read by the pages that may connect; unknown
 * paths get 404 with an empty body.
 *
 * Paths are matched exactly: `/websocket` and `/websocket/` belong to different clients.
 *
 * @example
 * const server = http.createServer(createApp(context));
 */
export function createApp(context: HttpContext): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.enable("strict routing");

  // Before `cors`, for its preflights tell more.
  addLongPollRoute(app, context);
  app.use(createCors(context), refuseBadPath);
  addTokenRoute(app, context);
  addPublishRoute(app, context);
  addLogRoute(app, context);
  addPresenceRoute(app, context);
  addEventsRoute(app, context);
  addColoniesRoute(app, context);
  addHealthRoute(app, context);
  addReadyRoute(app, context);
  addWebsocketRoute(app);
  if (context.page) app.use(context.page);
  app.use((_request, response) => {
    response.status(404).end();
  });
  app.use(errorHandler(context.onError));
  return app;
}

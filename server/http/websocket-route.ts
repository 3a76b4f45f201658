import type { IncomingHttpHeaders } from "node:http";
import type { Express } from "express";
import { answerText, methodNotAllowed } from "./answer.ts";

/** The paths of Phoenix and Tangram clients. Upgrades to them never reach Express. */
const websocketPaths = [
  "/websocket",
  "/websocket/websocket",
  "/websocket/websocket/",
  "/socket/websocket",
  "/socket/websocket/",
];

/**
 * What keeps a request from being a WebSocket upgrade, in the words and in the order of Tangram's
 * channel service, or `undefined` if nothing does.
 */
export function upgradeProblem(headers: IncomingHttpHeaders): string | undefined {
  if (!headers.connection?.toLowerCase().includes("upgrade")) {
    return "Connection header did not include 'upgrade'";
  }
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return "`Upgrade` header did not include 'websocket'";
  }
  if (headers["sec-websocket-key"] === undefined) return "`Sec-WebSocket-Key` header missing";
  if (headers["sec-websocket-version"] !== "13") {
    return "`Sec-WebSocket-Version` header did not include '13'";
  }
  return undefined;
}

/** Adds the answer to plain HTTP requests at the WebSocket paths: 400 with what is missing. */
export function addWebsocketRoute(app: Express): void {
  app
    .route(websocketPaths)
    .get((request, response) => {
      // A whole upgrade comes here only if the server does not listen for upgrades.
      const problem = upgradeProblem(request.headers) ?? "the server takes no upgrades here";
      answerText(response, 400, problem);
    })
    .all(methodNotAllowed("GET, HEAD"));
}

import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { declineUpgrade, isWebSocketUpgrade } from "./connections/declined-upgrade.ts";
import { isLoopback } from "./loopback.ts";

/** A server of the application's own, plain or with TLS. */
export type ApplicationServer = HttpServer | HttpsServer;

const EVENTS = ["request", "upgrade"] as const;

/**
 * Sends a server's requests and upgrades at our paths to `ours`, and leaves all others to the
 * listeners that the server has now.
 *
 * An upgrade that nobody listens for is answered 404 where it is one to WebSocket, as nothing else
 * would ever end it. Any other is served as the request that it is.
 *
 * @param isOurs whether a path, without its query, is ours
 * @returns a function that gives the server its listeners back
 */
export function divert(
  server: ApplicationServer,
  ours: HttpServer,
  isOurs: (path: string) => boolean,
): () => void {
  const undo = EVENTS.map((event) => divertEvent(server, event, ours, isOurs));
  return () => {
    for (const restore of undo) restore();
  };
}

function divertEvent(
  server: ApplicationServer,
  event: (typeof EVENTS)[number],
  ours: HttpServer,
  isOurs: (path: string) => boolean,
): () => void {
  const theirs = server.rawListeners(event);
  let isOver = false;
  const dispatch = (request: IncomingMessage, ...rest: unknown[]): void => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const isUnheard = event === "upgrade" && theirs.length === 0 && server.listenerCount(event) < 2;
    if (isUnheard && !isOurs(path) && !isWebSocketUpgrade(request)) {
      declineUpgrade(server, request, ...(rest as [Duplex, Buffer]));
    } else if (!isOver && (isOurs(path) || isUnheard)) ours.emit(event, request, ...rest);
    else for (const listener of theirs) Reflect.apply(listener, server, [request, ...rest]);
  };
  server.removeAllListeners(event);
  server.on(event, dispatch);
  return () => {
    // Whoever has wrapped this listener meanwhile goes on calling it.
    isOver = true;
    if (!server.listeners(event).includes(dispatch)) return;
    server.off(event, dispatch);
    for (const listener of theirs) server.on(event, listener as (...args: unknown[]) => void);
  };
}

/**
 * Why a server must not be attached to, or undefined if it may: an open house stays on loopback,
 * and only a server that listens already shows where it can be reached.
 */
export function attachRefusal(server: ApplicationServer, isOpenHouse: boolean): string | undefined {
  if (!isOpenHouse || isOnLoopback(server)) return undefined;
  return "refusing to attach without a secret: set auth.jwtSecret, or let the server listen on a loopback address first";
}

/** Whether a server listens, and on a loopback address. */
export function isOnLoopback(server: ApplicationServer): boolean {
  const address = server.address();
  return typeof address === "object" && address !== null && isLoopback(address.address);
}

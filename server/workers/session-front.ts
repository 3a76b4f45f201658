import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { upgradeBytes } from "./handover.ts";
import type { RequestRelay } from "./request-relay.ts";
import { sessionOwner } from "./session-owner.ts";

/** What the front needs of its surroundings. */
export interface SessionFrontContext {
  /** This worker's number. */
  readonly worker: number;
  /** Where a sibling is reached, or undefined if there is none of that number. */
  readonly portOf: (worker: number) => number | undefined;
  readonly relay: RequestRelay;
  /** Gives a connection to a sibling, which serves it from then on. */
  readonly handOver: (worker: number, bytes: Uint8Array, connection: Socket) => void;
}

/**
 * Stands before a server's listeners: a request of a session that lives in a sibling is answered
 * there, and an upgrade of such a session moves there with its connection. All else goes on to the
 * listeners that the server has now.
 */
export function frontSessions(http: HttpServer, context: SessionFrontContext): void {
  const { worker, portOf, relay, handOver } = context;
  const siblingOf = (request: IncomingMessage): number | undefined => {
    const owner = sessionOwner(request);
    return owner === worker ? undefined : owner;
  };
  before(http, "request", (request, response: ServerResponse) => {
    const sibling = siblingOf(request);
    const port = sibling === undefined ? undefined : portOf(sibling);
    if (port === undefined) return false;
    relay.pass(request, response, port);
    return true;
  });
  before(http, "upgrade", (request, stream: Duplex, head: Buffer) => {
    const sibling = siblingOf(request);
    if (sibling === undefined || portOf(sibling) === undefined) return false;
    if (!(stream instanceof Socket)) return false;
    handOver(sibling, upgradeBytes(request, head), stream);
    return true;
  });
}

/** Asks `take` before the listeners of an event; what it takes they do not hear of. */
function before<Rest extends readonly unknown[]>(
  http: HttpServer,
  event: "request" | "upgrade",
  take: (request: IncomingMessage, ...rest: Rest) => boolean,
): void {
  const listeners = http.rawListeners(event);
  http.removeAllListeners(event);
  http.on(event, (request: IncomingMessage, ...rest: unknown[]) => {
    if (take(request, ...(rest as unknown as Rest))) return;
    for (const listener of listeners) Reflect.apply(listener, http, [request, ...rest]);
  });
}

import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Engine, Handshake } from "./engine.ts";

/** A request for a WebSocket, as the addresses see it. */
export interface UpgradeRequest {
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingMessage["headers"];
}

/** What an address makes of a request: a handshake, or the status that refuses it. */
export type UpgradeAnswer = Handshake | { readonly status: 400 | 403 };

/** Which address speaks what. */
export type Addresses = ReadonlyMap<string, (request: UpgradeRequest) => UpgradeAnswer>;

const STATUS_TEXT = { 400: "Bad Request", 403: "Forbidden", 404: "Not Found" } as const;

/**
 * Sends each WebSocket upgrade to where its path belongs; Socket.IO's own are left to it.
 *
 * @param socketIoPath path that Engine.IO's listener takes
 * @returns a function that stops listening
 */
export function routeUpgrades(
  server: HttpServer,
  engine: Engine,
  addresses: Addresses,
  socketIoPath: string,
): () => void {
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (request.url?.startsWith(socketIoPath)) return;
    const url = parseUrl(request.url);
    const answer = url === undefined ? undefined : addresses.get(url.pathname);
    if (url === undefined || answer === undefined) {
      reject(stream, url === undefined ? 400 : 404);
      return;
    }
    const handshake = answer({ query: new Map(url.searchParams), headers: request.headers });
    if ("status" in handshake) reject(stream, handshake.status);
    else engine.upgrade(request, stream, head, handshake);
  };
  server.on("upgrade", onUpgrade);
  return () => server.off("upgrade", onUpgrade);
}

/** The path and query of a request. The host does not matter here. */
function parseUrl(url = "/"): URL | undefined {
  const base = "http://localhost";
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}

function reject(stream: Duplex, status: keyof typeof STATUS_TEXT): void {
  stream.on("error", () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_TEXT[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}

import type { Server as HttpServer, IncomingMessage } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";

/** Headers about what the connection was to become. */
const ABOUT_THE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "upgrade",
  "http2-settings",
]);

/** Whether an upgrade is one to WebSocket. */
export function isWebSocketUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

/**
 * Serves a request that offers to go on in another protocol as if it had not: clients of HTTP/2 do
 * so, and a server is free to go on as it was.
 *
 * Node has left the connection to the upgrade, with the request's body in it. So it is read anew,
 * for this one request: an application's server does not get it back.
 */
export function declineUpgrade(
  server: HttpServer | HttpsServer,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    if (!ABOUT_THE_CONNECTION.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  lines.push("connection: close");
  // Node reads header bytes as Latin-1.
  const text = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  stream.unshift(Buffer.concat([text, head]));
  // One with TLS has the stream decrypted already.
  server.emit(server instanceof HttpsServer ? "secureConnection" : "connection", stream);
}

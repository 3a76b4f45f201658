import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** The bytes with which an upgrade came, so that another worker can read them anew. */
export function upgradeBytes(request: IncomingMessage, head: Uint8Array): Buffer {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  // Node reads header bytes as Latin-1.
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]);
}

/**
 * Serves a connection that a sibling has accepted and begun to read.
 *
 * @param bytes what the sibling has read of it
 */
export function takeOver(http: HttpServer, connection: Socket, bytes: Uint8Array): void {
  connection.unshift(bytes);
  http.emit("connection", connection);
}

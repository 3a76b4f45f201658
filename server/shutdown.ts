import type { Server as HttpServer } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import type { Server as SocketIoServer } from "socket.io";
import { closes } from "./codes.ts";
import { Connection } from "./connections/connection.ts";
import { endNative } from "./connections/engine-io.ts";

/** Ends a server's connections in good order. */
export class Shutdown {
  readonly #http: HttpServer;
  readonly #streams = new Set<TcpSocket>();

  constructor(http: HttpServer) {
    this.#http = http;
    http.on("connection", (stream) => {
      this.#streams.add(stream);
      stream.once("close", () => this.#streams.delete(stream));
    });
  }

  /**
   * Stops accepting, closes all clients with 1012, and waits until the last connection is gone.
   * What is left after `timeoutMs` is cut.
   */
  async run(io: SocketIoServer, timeoutMs: number): Promise<void> {
    const closed = this.#stopAccepting();
    for (const socket of io.of("/").sockets.values()) {
      const connection: unknown = socket.conn;
      if (connection instanceof Connection) connection.end(closes.restart);
      else endNative(socket.conn, closes.restart);
    }
    const cut = setTimeout(() => {
      for (const stream of this.#streams) stream.destroy();
    }, timeoutMs);
    await closed;
    clearTimeout(cut);
  }

  async #stopAccepting(): Promise<void> {
    if (!this.#http.listening) return;
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeIdleConnections();
    });
  }
}

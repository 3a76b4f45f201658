import type { Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { type ListenAddress, listen } from "./listen.ts";

/** A second port of an HTTP server: what connects to it is served as on the first. */
export class FurtherPort {
  readonly #server: Server;
  #isClosed: boolean = false;

  /** @param http takes the connections, and ends them when it closes */
  constructor(http: HttpServer) {
    // Node documents that connections may be handed to an HTTP server in this way.
    this.#server = createServer((stream) => http.emit("connection", stream));
  }

  /** @throws the system's error, such as `EADDRINUSE` */
  async listen(host: string, port: number): Promise<ListenAddress> {
    const address = await listen(this.#server, { host, port });
    // Who was told to stop meanwhile found nothing to close.
    if (this.#isClosed) this.#server.close();
    return address;
  }

  /** Accepts no further connections. Harmless when repeated. */
  close(): void {
    this.#isClosed = true;
    if (this.#server.listening) this.#server.close();
  }
}

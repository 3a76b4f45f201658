import { once } from "node:events";
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

/** Where workers reach each other. */
export const LOOPBACK = "127.0.0.1";

const MISDIRECTED = 421;
/** How long answers under way may take when the worker ends. */
const LAST_ANSWERS_MS = 1000;

/**
 * The port at which a worker's siblings ask it about its own sessions. It serves nothing else, and
 * to nobody more than the public port does: who asks needs a session's secret name.
 */
export class InnerPort {
  readonly #server: HttpServer;
  readonly #pending = new Set<ServerResponse>();

  /**
   * @param http answers
   * @param isOwn whether a request is about a session of this worker
   */
  constructor(http: HttpServer, isOwn: (request: IncomingMessage) => boolean) {
    // A connection that a sibling keeps for later is ended by nobody else.
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      this.#pending.add(response);
      response.once("close", () => this.#pending.delete(response));
      if (isOwn(request)) http.emit("request", request, response);
      else response.writeHead(MISDIRECTED).end();
    });
  }

  /** Takes a free port of this worker's own, and tells which. */
  async listen(): Promise<number> {
    this.#server.listen({ host: LOOPBACK, port: 0, exclusive: true });
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Ends once the answers under way are out. What is left after a second is cut. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const response of this.#pending) {
      if (!response.headersSent) response.setHeader("connection", "close");
    }
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), LAST_ANSWERS_MS);
    await closed;
    clearTimeout(cut);
  }
}

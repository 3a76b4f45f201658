import { Agent, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { LOOPBACK } from "./inner-port.ts";

/** Headers about one connection, which say nothing on another. */
const OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "expect",
]);
const SERVICE_UNAVAILABLE = 503;

/**
 * Answers requests of sessions that live in another worker, by asking that worker.
 *
 * Proxies send the requests of many sessions over one connection, so a connection as a whole cannot
 * belong to one worker.
 */
export class RequestRelay {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #isClosing: () => boolean;

  /** @param isClosing whether this worker is about to end, and its connections with it */
  constructor(isClosing: () => boolean) {
    this.#isClosing = isClosing;
  }

  /** Passes a request on, and the answer back. */
  pass(request: IncomingMessage, response: ServerResponse, port: number): void {
    // Behind another request of its connection nothing tells that the client has hung up.
    if (response.socket === null)
      response.once("socket", () => this.#pass(request, response, port));
    else this.#pass(request, response, port);
  }

  /** Ends the connections that are kept for later. */
  close(): void {
    this.#agent.destroy();
  }

  #pass(request: IncomingMessage, response: ServerResponse, port: number): void {
    const { method, url: path } = request;
    const inner = ask({
      host: LOOPBACK,
      port,
      method,
      path,
      headers: passedOn(request),
      agent: this.#agent,
      setHost: false,
    });
    inner.on("response", (answer) => this.#answer(response, answer));
    // A worker that has ended takes its sessions along; the client asks again, and finds out.
    inner.on("error", () => this.#refuse(response));
    response.on("close", () => inner.destroy());
    request.pipe(inner);
  }

  #answer(response: ServerResponse, answer: IncomingMessage): void {
    const headers = passedOn(answer);
    if (answer.headers.connection === "close" || this.#isClosing()) {
      headers.push("connection", "close");
    }
    response.writeHead(answer.statusCode ?? SERVICE_UNAVAILABLE, headers);
    answer.on("error", () => response.destroy());
    answer.pipe(response);
  }

  #refuse(response: ServerResponse): void {
    if (response.headersSent || response.destroyed) response.destroy();
    else response.writeHead(SERVICE_UNAVAILABLE, { connection: "close" }).end();
  }
}

/** A message's headers in their order and spelling, but for those of its connection. */
function passedOn({ rawHeaders, headers }: IncomingMessage): string[] {
  const listed = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const dropped = new Set([...OF_ONE_CONNECTION, ...listed]);
  return rawHeaders.filter((_text, at) => {
    const name = rawHeaders[at - (at % 2)] ?? "";
    return !dropped.has(name.toLowerCase());
  });
}

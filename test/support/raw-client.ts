import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { until, within } from "./until.ts";

/** How a connection ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A bare WebSocket client that keeps all it receives, for what a client library would hide. */
export class RawClient {
  readonly webSocket: WebSocket;
  /** Text messages parsed as JSON where they are JSON, binary ones as Buffers. */
  readonly received: unknown[] = [];
  /** Settles when the connection has ended. */
  readonly closed: Promise<Closed>;
  #taken = 0;

  constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on("message", (data: Buffer, isBinary) => {
      this.received.push(isBinary ? data : parse(data.toString()));
    });
    this.closed = new Promise((resolve) => {
      webSocket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Sends text as it is, bytes as a binary frame, anything else as JSON. */
  send(message: unknown): void {
    const isReady = typeof message === "string" || message instanceof Uint8Array;
    this.webSocket.send(isReady ? message : JSON.stringify(message));
  }

  /** The next message that has not been taken yet. */
  async next(): Promise<unknown> {
    const index = this.#taken;
    this.#taken += 1;
    await until(`message ${index + 1}`, () => this.received.length > index);
    return this.received[index];
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.webSocket.readyState === WebSocket.OPEN;
  }

  /**
   * Sends a request that the server answers, and waits for the answer or for the end of the
   * connection: whatever was sent before has then been handled.
   */
  async barrier(request: unknown, isAnswer: (message: unknown) => boolean): Promise<void> {
    if (this.isOpen) this.send(request);
    const answered = new Promise<void>((resolve) => {
      const onMessage = (data: Buffer, isBinary: boolean): void => {
        if (isBinary || !isAnswer(data.toString())) return;
        this.webSocket.off("message", onMessage);
        resolve();
      };
      this.webSocket.on("message", onMessage);
    });
    await within("an answer or the end", Promise.race([answered, this.closed]));
  }

  /** How the connection ends, within 5 s. */
  end(): Promise<Closed> {
    return within("the connection to end", this.closed);
  }
}

/** Connects; rejects with the HTTP status where the server refuses. */
export async function connectRaw(
  url: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
): Promise<RawClient> {
  const webSocket = new WebSocket(url, protocols, { headers });
  const client = new RawClient(webSocket);
  onTestFinished(() => webSocket.terminate());
  await new Promise<void>((resolve, reject) => {
    webSocket.on("open", resolve);
    webSocket.on("error", reject);
  });
  return client;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import { WebSocket } from "ws";
import { type Message, open, seal } from "./envelope.ts";

/** Where the server is. */
export interface ColoniesClientConfig {
  readonly host: string;
  readonly port: number;
  /** Default: false */
  readonly tls?: boolean;
}

/** What is told of a subscription. */
export interface SubscriptionEvents {
  /** Gets what is in each notification. What it throws goes to `onError`. */
  readonly onNotice: (inner: unknown) => void;
  readonly onError: (error: Error) => void;
  readonly onClose: () => void;
}

/** Sends signed messages to a server. */
export class Caller {
  readonly #address: string;
  #privateKey: string | undefined;

  constructor({ host, port, tls = false }: ColoniesClientConfig) {
    this.#address = `${tls ? "s" : ""}://${host}:${port}`;
  }

  /** Sets the key that signs from now on: 64 hexadecimal digits. */
  setPrivateKey(privateKey: string): void {
    this.#privateKey = privateKey;
  }

  /**
   * Sends a message and waits for its answer.
   *
   * @param privateKey signs this message; otherwise the one that was set does
   * @throws Error with the server's words if it fails
   */
  protected async call(
    message: Message,
    privateKey = this.#key(),
    signal: AbortSignal | null = null,
  ): Promise<unknown> {
    const response = await fetch(`http${this.#address}/api`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(seal(message, privateKey)),
      signal,
    });
    const text = await response.text();
    if (response.ok || text.startsWith("{")) return open(text, !response.ok);
    throw new Error(`Request failed with status ${response.status}: ${response.statusText}`);
  }

  /** Opens a subscription on a connection of its own; closing that ends it. */
  protected subscribe(message: Message, events: SubscriptionEvents): WebSocket {
    const envelope = seal(message, this.#key());
    const socket = new WebSocket(`ws${this.#address}/pubsub`);
    socket.on("open", () => socket.send(JSON.stringify(envelope)));
    socket.on("message", (data) => {
      try {
        events.onNotice(open(data.toString()));
      } catch (error) {
        events.onError(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on("error", events.onError);
    socket.on("close", () => events.onClose());
    return socket;
  }

  #key(): string {
    if (this.#privateKey === undefined) throw new Error("call setPrivateKey first");
    return this.#privateKey;
  }
}

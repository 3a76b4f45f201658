import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { Clock } from "../../clock.ts";
import { type Close, closes } from "../../codes.ts";
import { UpgradeServer } from "../../connections/upgrade-server.ts";
import type { Limits } from "../../options.ts";
import { type RelayedMessage, readRelayed } from "./relayed-message.ts";

/** What the links to relays need of their surroundings. */
export interface RelayLinksContext {
  /** What a relay that connects now has missed, a frame for each subscriber. */
  readonly states: () => readonly string[];
  /** Takes each message of each relay. */
  readonly deliver: (group: string, payload: RelayedMessage["payload"]) => void;
  readonly limits: Pick<Limits, "idleTimeoutMs" | "maxBacklogBytes">;
  readonly clock: Clock;
  /** Told of what a relay sent and what is not understood. May be called very often. */
  readonly onProblem: () => void;
}

/** A relay's frame holds an event as text in JSON, which may double its size. */
const MAX_FRAME_BYTES = 16_777_216;

/** The connections of relays: AWX's task nodes, which bring events and are told what is wanted. */
export class RelayLinks {
  readonly #context: RelayLinksContext;
  readonly #webSockets = new UpgradeServer({ maxPayload: MAX_FRAME_BYTES });
  /** Those that are open, and when each was last heard of, in ms. */
  readonly #heardAtMs = new Map<WebSocket, number>();
  readonly #stopSweep: () => void;

  constructor(context: RelayLinksContext) {
    this.#context = context;
    const { clock, limits } = context;
    const everyMs = Math.max(1, limits.idleTimeoutMs / 3);
    this.#stopSweep = clock.every(everyMs, () => this.#sweep());
  }

  /** Completes the upgrade of a relay that was let in. */
  open(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    delete request.headers["sec-websocket-protocol"];
    this.#webSockets.handleUpgrade(request, stream, head, (link) => this.#serve(link));
  }

  /** Sends a frame to every relay. */
  tell(frame: string): void {
    for (const link of this.#heardAtMs.keys()) this.#send(link, frame);
  }

  /** Closes all links: the server restarts. */
  close(): void {
    this.#stopSweep();
    for (const link of this.#heardAtMs.keys()) end(link, closes.restart);
  }

  #serve(link: WebSocket): void {
    const heard = (): void => void this.#heardAtMs.set(link, this.#context.clock.now());
    heard();
    link.on("message", (data: Buffer, isBinary) => {
      heard();
      this.#receive(data, isBinary);
    });
    link.on("ping", heard);
    link.on("pong", heard);
    // ws closes with the code that names the broken frame.
    link.on("error", () => this.#context.onProblem());
    link.on("close", () => this.#heardAtMs.delete(link));
    for (const state of this.#context.states()) this.#send(link, state);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? undefined : readRelayed(data.toString());
    if (message === undefined) this.#context.onProblem();
    else if (message.group !== undefined) this.#context.deliver(message.group, message.payload);
  }

  #send(link: WebSocket, frame: string): void {
    if (link.readyState !== WebSocket.OPEN) return;
    if (link.bufferedAmount > this.#context.limits.maxBacklogBytes) end(link, closes.slow_reader);
    else link.send(frame);
  }

  /** Pings all links, and cuts those that have shown no sign of life for too long. */
  #sweep(): void {
    const { clock, limits } = this.#context;
    for (const [link, heardAtMs] of this.#heardAtMs) {
      if (clock.now() - heardAtMs > limits.idleTimeoutMs) link.terminate();
      else if (link.readyState === WebSocket.OPEN) link.ping();
    }
  }
}

function end(link: WebSocket, { code, reason }: Close): void {
  link.close(code, reason);
}

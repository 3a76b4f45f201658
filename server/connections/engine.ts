import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import { closes } from "../codes.ts";
import type { Limits } from "../options.ts";
import type { Batch } from "./batch.ts";
import type { Carrier, CarrierContext } from "./carrier.ts";
import { Connection, type ConnectionContext, type ConnectionRequest } from "./connection.ts";
import type { Dialect } from "./dialect.ts";
import type { Outgoing } from "./outgoing.ts";
import { UpgradeServer } from "./upgrade-server.ts";
import { WebSocketCarrier } from "./websocket-carrier.ts";

/** What a client showed before its connection was accepted. */
export interface Handshake {
  /** What it speaks, or undefined where its first message will tell. */
  readonly dialect: Dialect | undefined;
  readonly query: ReadonlyMap<string, string>;
  /** A token that came in a header rather than in the query. */
  readonly token: string | undefined;
  /** The sub-protocol to select, or undefined to select none. */
  readonly subprotocol: string | undefined;
}

/** A client that has become a connection. */
export interface Accepted<Carrying extends Carrier> {
  readonly connection: Connection;
  readonly carrier: Carrying;
}

/** What the engine needs of its surroundings. */
export interface EngineContext {
  readonly outgoing: Outgoing;
  readonly batch: Batch;
  readonly dialects: readonly Dialect[];
  readonly limits: Limits;
  readonly clock: Clock;
  readonly randomId: () => string;
  readonly onSlowReader: () => void;
  readonly onBadFrame: () => void;
  readonly onCrash: (error: unknown) => void;
}

const SLOWEST_SWEEP_MS = 1000;
const FASTEST_SWEEP_MS = 20;
/** Periods after which a sweep is late, since this process was held up. */
const LATE_AFTER = 2;
/** Part of the idle time-out after which a silent client is pinged. */
const PING_AFTER = 0.4;

/**
 * An engine "compatible with Engine.IO", for `io.bind(engine)`: makes clients of other dialects
 * connections of a Socket.IO server.
 */
export class Engine extends EventEmitter {
  readonly #context: EngineContext;
  readonly #connectionContext: ConnectionContext;
  readonly #connections = new Set<Connection>();
  readonly #webSockets: UpgradeServer;
  readonly #sweepMs: number;
  readonly #stopSweep: () => void;
  #sweptAtMs: number;
  /** How long this process was held up, all in all: nobody could be heard then. */
  #heldUpMs = 0;

  constructor(context: EngineContext) {
    super();
    this.#context = context;
    const { limits, clock } = context;
    this.#connectionContext = {
      outgoing: context.outgoing,
      dialects: context.dialects,
      onBadFrame: context.onBadFrame,
      onCrash: context.onCrash,
      now: () => this.#now(),
    };
    this.#webSockets = new UpgradeServer({
      maxPayload: limits.maxFrameBytes,
      handleProtocols: (offered) => offered.values().next().value ?? false,
    });
    const shortestMs = Math.min(limits.dialectTimeoutMs, limits.idleTimeoutMs) / 4;
    this.#sweepMs = Math.max(FASTEST_SWEEP_MS, Math.min(SLOWEST_SWEEP_MS, shortestMs));
    this.#sweptAtMs = clock.now();
    this.#stopSweep = clock.every(this.#sweepMs, () => this.#sweep());
  }

  /** Completes a WebSocket upgrade and makes the client a connection. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, handshake: Handshake): void {
    if (handshake.subprotocol === undefined) delete request.headers["sec-websocket-protocol"];
    else request.headers["sec-websocket-protocol"] = handshake.subprotocol;
    this.#webSockets.handleUpgrade(request, stream, head, (webSocket) => {
      const { connection } = this.accept(
        request,
        handshake,
        (context) => new WebSocketCarrier(webSocket, stream, context),
      );
      connection.once("ready", () => webSocket.resume());
      webSocket.on("message", (data: Buffer, isBinary) => {
        connection.receive(isBinary ? data : data.toString());
        if (!connection.isReady) webSocket.pause();
      });
      webSocket.on("ping", () => connection.heard());
      webSocket.on("pong", () => connection.heard());
      webSocket.on("close", () => connection.closed("transport close"));
      // ws reports a broken frame and then closes with the code that names it (1002, 1007, 1009).
      webSocket.on("error", () => this.#context.onBadFrame());
    });
  }

  /**
   * Makes a client a connection, whatever carries it. Middleware may take its time, or refuse: the
   * connection emits `ready` when it is a Socket.IO socket, or `close`.
   */
  accept<Carrying extends Carrier>(
    request: IncomingMessage,
    handshake: Handshake,
    createCarrier: (context: CarrierContext) => Carrying,
  ): Accepted<Carrying> {
    const carrier = createCarrier({
      batch: this.#context.batch,
      maxBacklogBytes: this.#context.limits.maxBacklogBytes,
      onSlowReader: () => {
        connection.closed("slow reader");
        this.#context.onSlowReader();
      },
      onGone: (reason) => connection.closed(reason),
    });
    const connection = this.#open(request, carrier, handshake);
    this.#join(connection, handshake);
    return { connection, carrier };
  }

  /** Gives a connection the socket that Socket.IO has made of it. */
  ready(connection: Connection, socket: Socket): void {
    connection.ready(socket);
    connection.emit("ready");
  }

  /** Called by Socket.IO when the server closes. Harmless when repeated. */
  close(): void {
    this.#stopSweep();
    for (const connection of this.#connections) connection.end(closes.restart);
  }

  #open(request: IncomingMessage, carrier: Carrier, handshake: Handshake): Connection {
    const connectionRequest: ConnectionRequest = request;
    connectionRequest._query = Object.fromEntries(handshake.query);
    const connection = new Connection(
      this.#context.randomId(),
      connectionRequest,
      carrier,
      handshake.dialect,
      this.#connectionContext,
    );
    this.#connections.add(connection);
    connection.once("close", () => this.#connections.delete(connection));
    return connection;
  }

  /** Lets Socket.IO take the connection, and asks for the main namespace as a client would. */
  #join(connection: Connection, handshake: Handshake): void {
    this.emit("connection", connection);
    const auth = handshake.token === undefined ? {} : { token: handshake.token };
    connection.emit("data", `0${JSON.stringify(auth)}`);
  }

  /** The present, but for the time in which this process was held up. */
  #now(): number {
    const lateAtMs = this.#sweptAtMs + LATE_AFTER * this.#sweepMs;
    return Math.min(this.#context.clock.now(), lateAtMs) - this.#heldUpMs;
  }

  #sweep(): void {
    const sinceMs = this.#context.clock.now() - this.#sweptAtMs;
    this.#sweptAtMs += sinceMs;
    if (sinceMs > LATE_AFTER * this.#sweepMs) this.#heldUpMs += sinceMs - this.#sweepMs;
    const nowMs = this.#now();
    const { dialectTimeoutMs, idleTimeoutMs } = this.#context.limits;
    for (const connection of this.#connections) {
      const { session } = connection;
      if (session === undefined) {
        if (nowMs - connection.openedAtMs > dialectTimeoutMs) connection.end(closes.no_dialect);
      } else if (!connection.noticesAbsence) {
        const silentMs = nowMs - connection.lastHeardAtMs;
        if (silentMs > idleTimeoutMs) connection.end(closes.idle);
        else if (session.keepAlive === "server") connection.ping(idleTimeoutMs * PING_AFTER);
      }
    }
  }
}

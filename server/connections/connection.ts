import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "socket.io";
import { PacketType } from "socket.io-parser";
import { type Close, closes } from "../codes.ts";
import type { Carrier } from "./carrier.ts";
import type { Dialect, Session } from "./dialect.ts";
import type { Message } from "./message.ts";
import type { Outgoing } from "./outgoing.ts";
import { eventOf } from "./outgoing-event.ts";

/** The rest of a request that Socket.IO and the rooms look at. */
export type ConnectionRequest = IncomingMessage & { _query?: Record<string, string> };

/** What a connection needs of its surroundings. */
export interface ConnectionContext {
  readonly outgoing: Outgoing;
  /** The dialects that a first message may choose from. */
  readonly dialects: readonly Dialect[];
  /** Called once for each frame that no dialect could read. */
  readonly onBadFrame: () => void;
  /** Takes what a session threw. */
  readonly onCrash: (error: unknown) => void;
  readonly now: () => number;
}

/** A carrier as Socket.IO sees it. */
class Transport {
  readonly #carrier: Carrier;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  get name(): string {
    return this.#carrier.name;
  }

  /** Whether a volatile packet is sent rather than dropped; others are sent in any case. */
  get writable(): boolean {
    return !this.#carrier.isBehind;
  }
}

/** Options that Socket.IO passes to `write`. All recipients of a broadcast get the same object. */
interface WriteOptions {
  readonly preEncoded?: boolean;
}

/**
 * One client that does not speak Socket.IO, made to look like an Engine.IO connection. It emits
 * `session` once it has one, which gets what is sent from then on, and `close`.
 *
 * Bound to a Socket.IO server it is a real `Socket`: rooms, middleware, `io.to(room).emit`,
 * `fetchSockets`, `disconnectSockets` and adapters work on it without knowing.
 */
export class Connection extends EventEmitter {
  /** Made by the server; of no meaning to the client. */
  readonly id: string;
  /** The request that opened it. */
  readonly request: ConnectionRequest;
  /** Address of whoever opened its TCP connection, a proxy's too; empty if that is gone already. */
  readonly remoteAddress: string;
  /** Engine.IO protocol version, which Socket.IO reads. */
  readonly protocol = 4;
  /** What Socket.IO looks at before a volatile packet, and the carrier's name for the log. */
  readonly transport: Transport;
  /** Whether packets can still be written; Socket.IO reads it, too. */
  readyState: "open" | "closed" = "open";
  /** When the connection was made, in ms since 1970. */
  readonly openedAtMs: number;
  /** When the client last sent anything, in ms since 1970. */
  lastHeardAtMs: number;
  #pingedAtMs = 0;

  readonly #carrier: Carrier;
  readonly #context: ConnectionContext;
  #dialect: Dialect | undefined;
  #socket: Socket | undefined;
  #session: Session | undefined;
  /** Messages that arrived before the socket was connected. The carrier is paused meanwhile. */
  #early: (string | Buffer)[] = [];

  constructor(
    id: string,
    request: ConnectionRequest,
    carrier: Carrier,
    dialect: Dialect | undefined,
    context: ConnectionContext,
  ) {
    super();
    this.id = id;
    this.request = request;
    this.remoteAddress = request.socket.remoteAddress ?? "";
    this.transport = new Transport(carrier);
    this.openedAtMs = context.now();
    this.lastHeardAtMs = this.openedAtMs;
    this.#carrier = carrier;
    this.#dialect = dialect;
    this.#context = context;
  }

  /** Whether the client can be sent bytes. */
  get carriesBytes(): boolean {
    return this.#carrier.carriesBytes;
  }

  /** How many bytes wait for the client. */
  get waitingBytes(): number {
    return this.#carrier.waitingBytes;
  }

  /** Whether its carrier finds out by itself that the client has gone. */
  get noticesAbsence(): boolean {
    return this.#carrier.noticesAbsence;
  }

  /** What the client speaks, once that is known. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Whether the socket is connected, so that messages are handled as they come. */
  get isReady(): boolean {
    return this.#socket !== undefined;
  }

  /** Takes the Socket.IO socket that this connection has become, and handles what has waited. */
  ready(socket: Socket): void {
    this.#socket = socket;
    if (this.#dialect !== undefined) this.#open(this.#dialect, socket);
    const early = this.#early;
    this.#early = [];
    for (const data of early) this.receive(data);
  }

  /** Handles one message of the client: text as a string, binary as a Buffer. */
  receive(data: string | Buffer): void {
    if (this.readyState !== "open") return;
    this.lastHeardAtMs = this.#context.now();
    try {
      if (this.#session !== undefined) this.#session.receive(data);
      else if (this.#socket === undefined) this.#early.push(data);
      else this.#begin(this.#socket, data);
    } catch (error) {
      // A fault of ours costs this connection, never the process.
      this.#context.onCrash(error);
      this.end(closes.crashed);
    }
  }

  /** Notes a sign of life that is no message, such as a ping. */
  heard(): void {
    this.lastHeardAtMs = this.#context.now();
  }

  /** Pings a client that has been silent for so long, and has not been pinged for as long. */
  ping(afterMs: number): void {
    const nowMs = this.#context.now();
    if (nowMs - Math.max(this.lastHeardAtMs, this.#pingedAtMs) < afterMs) return;
    this.#pingedAtMs = nowMs;
    this.#carrier.ping();
  }

  /** Sends a message of the dialect to this client alone. */
  send(message: Message): void {
    if (this.readyState === "open") this.#carrier.send(message);
  }

  /** Ends the connection because of a frame that its dialect cannot read. */
  refuseFrame(close: Close = closes.bad_frame): void {
    this.#context.onBadFrame();
    this.end(close);
  }

  /** Ends the connection, telling the client why. */
  end(close: Close): void {
    if (this.readyState !== "open") return;
    this.#carrier.close(close);
    this.closed("forced close");
  }

  /** Cuts the connection without a word. */
  destroy(): void {
    this.#carrier.destroy();
    this.closed("transport close");
  }

  /** Tells Socket.IO, once, that the connection is over. */
  closed(reason: string): void {
    if (this.readyState !== "open") return;
    this.readyState = "closed";
    this.#early = [];
    this.emit("close", reason);
  }

  /** Called by Socket.IO for each encoded packet, with attachments as further buffers. */
  write(encoded: string | Buffer, options: WriteOptions): this {
    if (typeof encoded !== "string") return this;
    if (options.preEncoded === true) this.#writeBroadcast();
    else this.#writePacket();
    return this;
  }

  /** Called by Socket.IO when server code disconnects the client. */
  close(): void {
    this.end(closes.server_disconnect);
  }

  #begin(socket: Socket, first: string | Buffer): void {
    this.#dialect = this.#context.dialects.find((dialect) => dialect.claims(first));
    if (this.#dialect === undefined) this.refuseFrame(closes.unknown_dialect);
    else this.#open(this.#dialect, socket).receive(first);
  }

  #open(dialect: Dialect, socket: Socket): Session {
    const session = dialect.open(this, socket);
    this.#session = session;
    this.emit("session");
    return session;
  }

  #writeBroadcast(): void {
    const session = this.#session;
    const broadcast = this.#context.outgoing.broadcast;
    if (session === undefined || broadcast === undefined) return;
    const { event } = broadcast;
    if (event === undefined) return;
    const room = event.room ?? this.#sharedRoom(broadcast.rooms);
    if (room === undefined) return;
    const message = broadcast.messageFor(session, room);
    if (message !== undefined) this.send(message);
  }

  #writePacket(): void {
    const packet = this.#context.outgoing.latest;
    if (packet === undefined) return;
    if (packet.type === PacketType.DISCONNECT) {
      this.end(closes.server_disconnect);
      return;
    }
    if (packet.type === PacketType.CONNECT_ERROR) {
      this.end(closes.connect_refused);
      return;
    }
    const event = eventOf(packet);
    if (event?.room === undefined) return;
    const message = this.#session?.encodePush(event.room, event.name, event.payload, event.entry);
    if (message !== undefined) this.send(message);
  }

  /** The first of the rooms that this connection is in, leaving out its private one. */
  #sharedRoom(rooms: ReadonlySet<string>): string | undefined {
    const socket = this.#socket;
    if (socket === undefined) return undefined;
    for (const room of rooms) if (room !== socket.id && socket.rooms.has(room)) return room;
    return undefined;
  }
}

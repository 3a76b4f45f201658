import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "socket.io";
import { closes } from "../codes.ts";
import { Connection } from "./connection.ts";
import { endNative } from "./engine-io.ts";

/** No client can join such a room: a room's name has no control characters. */
const PREFIX = "\u0000id:";
const DISCONNECT = "commonroom:disconnect";

/** Knows whose connections are whose, by the ids that the application gave them. */
export class Identities {
  readonly #io: Server;
  readonly #hasOtherNodes: boolean;
  readonly #ids = new WeakMap<IncomingMessage, string>();

  /** @param hasOtherNodes whether the adapter reaches other nodes */
  constructor(io: Server, hasOtherNodes: boolean) {
    this.#io = io;
    this.#hasOtherNodes = hasOtherNodes;
    io.on("connection", (socket) => this.#place(socket));
    io.on(DISCONNECT, (id: unknown) => {
      if (typeof id === "string") this.disconnectHere(id);
    });
  }

  /** Notes the id of the client that sent a request. */
  name(request: IncomingMessage, id: string): void {
    this.#ids.set(request, id);
  }

  /** Closes all connections with this id with 1001, on every node. */
  disconnect(id: string): void {
    this.disconnectHere(id);
    if (this.#hasOtherNodes) this.#io.serverSideEmit(DISCONNECT, id);
  }

  /** Closes this node's connections with this id with 1001. */
  disconnectHere(id: string): void {
    const { adapter, sockets } = this.#io.sockets;
    for (const socketId of [...(adapter.rooms.get(PREFIX + id) ?? [])]) {
      const socket = sockets.get(socketId);
      if (socket !== undefined) endSocket(socket);
    }
  }

  #place(socket: Socket): void {
    const id = this.#ids.get(socket.request);
    if (id !== undefined) void socket.join(PREFIX + id);
  }
}

function endSocket(socket: Socket): void {
  const connection: unknown = socket.conn;
  if (connection instanceof Connection) connection.end(closes.server_disconnect);
  else endNative(socket.conn, closes.server_disconnect);
}

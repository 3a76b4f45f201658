import { Server, type Socket } from "socket.io";
import type { Adapter } from "socket.io-adapter";
import type { Limits } from "../options.ts";
import { Connection } from "./connection.ts";
import type { Engine } from "./engine.ts";
import type { AllowRequest } from "./native-gate.ts";
import type { Outgoing } from "./outgoing.ts";
import { UpgradeServer } from "./upgrade-server.ts";

/** Where native Socket.IO clients connect. */
export const SOCKET_IO_PATH = "/socket.io/";

/**
 * Makes the Socket.IO server of which every client is a socket.
 *
 * @param createAdapter makes the adapter of a namespace: in memory, or over Redis
 * @param allowRequest decides whose handshake is answered at all
 */
export function createSocketIo(
  outgoing: Outgoing,
  createAdapter: (namespace: unknown) => Adapter,
  limits: Limits,
  allowRequest: AllowRequest,
): Server {
  return new Server({
    parser: outgoing.parser(),
    // Socket.IO's type wants a class; it calls whatever it gets with `new`.
    adapter: outgoing.wrapAdapter(createAdapter) as unknown as typeof Adapter,
    maxHttpBufferSize: limits.maxFrameBytes,
    connectTimeout: limits.dialectTimeoutMs,
    destroyUpgrade: false,
    perMessageDeflate: false,
    wsEngine: UpgradeServer,
    cors: { origin: "*" },
    allowRequest,
  });
}

/**
 * Gives each new socket to its own side: a foreign connection learns that it is ready, a native
 * client is served.
 */
export function serveSockets(io: Server, engine: Engine, serve: (socket: Socket) => void): void {
  io.on("connection", (socket) => {
    const connection: unknown = socket.conn;
    if (connection instanceof Connection) engine.ready(connection, socket);
    else serve(socket);
  });
}

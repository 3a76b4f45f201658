import type { Server as SocketIoServer } from "socket.io";
import { randomId } from "../auth/random-id.ts";
import type { Dialect } from "../connections/dialect.ts";
import { Engine } from "../connections/engine.ts";
import { type EngineIoConnection, tuneNative } from "../connections/engine-io.ts";
import { forbidRepeatedConnects } from "../connections/repeated-connects.ts";
import { serveSockets } from "../connections/socket-io.ts";
import { serveSocketIo } from "../dialects/socketio/requests.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Base } from "./base.ts";

/** Makes the engine that carries the clients of all dialects but Socket.IO's. */
export function createEngine(base: Base, dialects: readonly Dialect[]): Engine {
  const { settings, clock, counters, problem, outgoing, batch } = base;
  return new Engine({
    outgoing,
    batch,
    dialects,
    limits: settings.limits,
    clock,
    randomId,
    onSlowReader: () => noteSlowReader(base),
    onBadFrame: () => {
      counters.badFrames += 1;
      problem("closed a connection that sent what its dialect cannot read", {});
    },
    onCrash: (error) => problem("connection crashed", { err: error }),
  });
}

/** Gives each new socket to its dialect. Socket.IO's server has its HTTP server already. */
export function serveClients(base: Base, io: SocketIoServer, engine: Engine, rooms: Rooms): void {
  const { settings, log, batch } = base;
  const { maxBacklogBytes } = settings.limits;
  io.engine.on("connection", (connection: EngineIoConnection) => {
    const onSlowReader = (): void => noteSlowReader(base);
    tuneNative(connection, { batch, maxBacklogBytes, onSlowReader });
    forbidRepeatedConnects(connection);
  });
  io.on("connection", ({ id, conn }) => {
    log.debug({ id, transport: conn.transport.name }, "client connected");
  });
  serveSockets(io, engine, (socket) => serveSocketIo(socket, rooms));
}

function noteSlowReader({ counters, problem }: Base): void {
  counters.slowReadersClosed += 1;
  problem("closed a connection that reads too slowly", {});
}

import { createServer } from "node:http";
import { type Logger, pino } from "pino";
import type { Server as SocketIoServer } from "socket.io";
import { createAdmit } from "./auth/admission.ts";
import { connectionToken } from "./auth/connection-token.ts";
import { createKeys } from "./auth/keys.ts";
import { randomId } from "./auth/random-id.ts";
import { inMemory, overRedis, type ScaleOut } from "./bus/scale-out.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Batch } from "./connections/batch.ts";
import { Engine } from "./connections/engine.ts";
import { tuneNative } from "./connections/engine-io.ts";
import { Outgoing } from "./connections/outgoing.ts";
import { createSocketIo, SOCKET_IO_PATH, serveSockets } from "./connections/socket-io.ts";
import { routeUpgrades } from "./connections/upgrades.ts";
import { type Counters, createCounters } from "./counters.ts";
import { phoenixAddresses } from "./dialects/phoenix/addresses.ts";
import { createPhoenixDialect } from "./dialects/phoenix/dialect.ts";
import { serveSocketIo } from "./dialects/socketio/connection.ts";
import { createApp } from "./http/app.ts";
import { createLivePage } from "./http/live-page.ts";
import { type ListenAddress, listen } from "./listen.ts";
import { isLoopback, listenRefusal } from "./loopback.ts";
import { type CommonroomOptions, optionsSchema } from "./options.ts";
import { createProblemLog, type ProblemLog } from "./problem-log.ts";
import { Rooms } from "./rooms/rooms.ts";
import { Shutdown } from "./shutdown.ts";
import { type Status, statusReader } from "./status.ts";

/** One node: an HTTP server, a Socket.IO server, its rooms, and its connections to Redis. */
export interface Commonroom {
  /** The Socket.IO server. Every client is a socket of it, and every room one of its rooms. */
  readonly io: SocketIoServer;
  /**
   * Connects to Redis, if one is configured, and listens. A Redis that cannot be reached is logged
   * and tried again for ever; local rooms are served meanwhile.
   *
   * @throws Error if the host is not loopback and no key is configured, or the system's error if
   * the port cannot be taken
   */
  listen(): Promise<ListenAddress>;
  /** What the node says of itself now. */
  status(): Status;
  /**
   * Stops accepting, closes every client with 1012, and stops everything that was started, within
   * `limits.shutdownTimeoutMs`. Harmless when repeated.
   */
  close(): Promise<void>;
}

/** What a test may put in the place of the machine's own. */
export interface Surroundings {
  readonly clock?: Clock;
  readonly log?: Logger;
}

/**
 * Makes a server: rooms whose members speak Phoenix Channels or Socket.IO, and backends on Redis.
 * Nothing listens before {@link Commonroom.listen}.
 *
 * @param options all have defaults; see {@link CommonroomOptions}
 * @throws ZodError if an option is wrong
 * @throws Error if the public key cannot be used
 *
 * @example
 * const commonroom = createCommonroom({ port: 3000, auth: { jwtSecret } });
 * const { url } = await commonroom.listen();
 * commonroom.io.to("lobby").emit("hi", { from: "the server" });
 */
export function createCommonroom(
  options: CommonroomOptions = {},
  surroundings: Surroundings = {},
): Commonroom {
  const settings = optionsSchema.parse(options);
  const { clock = systemClock, log = createLog(settings.logLevel) } = surroundings;
  const { limits, auth } = settings;
  const counters = createCounters();
  const problem = createProblemLog(log, clock);
  const scaleOut = createScaleOut(settings.redisUrl, counters, log, problem);
  const keys = createKeys(auth);

  const outgoing = new Outgoing();
  const batch = new Batch();
  const io = createSocketIo(outgoing, scaleOut.createAdapter, limits);
  const rooms = new Rooms({
    io,
    backends: scaleOut.backends,
    admit: createAdmit(auth, keys, () => clock.now()),
    connectionToken,
    settings: settings.rooms,
    limits,
    clock,
    randomId,
    onCrash: (error, room, event) => log.error({ err: error, room, event }, "push crashed"),
  });
  const onSlowReader = (): void => {
    counters.slowReadersClosed += 1;
    problem("closed a connection that reads too slowly", {});
  };
  const phoenix = createPhoenixDialect(rooms);
  const engine = new Engine({
    outgoing,
    batch,
    dialects: [phoenix],
    limits,
    clock,
    randomId,
    onSlowReader,
    onBadFrame: () => {
      counters.badFrames += 1;
    },
    onCrash: (error) => log.error({ err: error }, "connection crashed"),
  });

  const status = statusReader({ io, rooms, scaleOut, counters, clock });
  const http = createServer(
    createApp({
      auth,
      tokenSecret: keys.secret,
      loopbackOnly: isLoopback(settings.host),
      now: () => clock.now(),
      randomId,
      maxBodyBytes: limits.maxFrameBytes,
      health: status,
      onError: (error) => log.error({ err: error }, "request failed"),
      page: createLivePage(),
    }),
  );
  // `bind` replaces `io.engine`, and the HTTP server belongs to Engine.IO's own.
  io.bind(engine);
  io.attach(http);
  routeUpgrades(http, engine, phoenixAddresses(phoenix), SOCKET_IO_PATH);
  serveSockets(io, engine, (socket) => {
    tuneNative(socket.conn, { batch, maxBacklogBytes: limits.maxBacklogBytes, onSlowReader });
    serveSocketIo(socket, rooms);
  });

  const shutdown = new Shutdown(http);
  const stop = async (): Promise<void> => {
    await shutdown.run(io, limits.shutdownTimeoutMs);
    await io.close();
    engine.close();
    rooms.stop();
    await scaleOut.stop();
  };
  let stopping: Promise<void> | undefined;
  return {
    io,
    status,
    listen: async () => {
      const refusal = listenRefusal(settings);
      if (refusal !== undefined) throw new Error(refusal);
      await scaleOut.start(rooms);
      return listen(http, settings);
    },
    close: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Lines go to stderr: stdout belongs to the command that was called. */
function createLog(level: string): Logger {
  return pino({ level }, pino.destination({ dest: 2, sync: false }));
}

function createScaleOut(
  url: string | undefined,
  counters: Counters,
  log: Logger,
  problem: ProblemLog,
): ScaleOut {
  if (url === undefined) return inMemory();
  return overRedis(url, {
    counters,
    onStatus: (status, reason) => {
      if (status === "up") log.info("Redis is reachable");
      else log.warn({ reason }, "Redis is not reachable; local rooms go on");
    },
    onProblem: (text, channel) => problem(text, { channel }),
  });
}

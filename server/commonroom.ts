import { createServer } from "node:http";
import { type Logger, pino } from "pino";
import type { Server as SocketIoServer } from "socket.io";
import { type ApplicationServer, attachRefusal, divert, isOnLoopback } from "./attach.ts";
import { createAdmit } from "./auth/admission.ts";
import { connectionToken } from "./auth/connection-token.ts";
import { createKeys } from "./auth/keys.ts";
import { randomId } from "./auth/random-id.ts";
import type { BusRooms } from "./bus/bus.ts";
import { inMemory, overRedis, type ScaleOut } from "./bus/scale-out.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Batch } from "./connections/batch.ts";
import type { ConnectHook } from "./connections/connect.ts";
import { Engine } from "./connections/engine.ts";
import { tuneNative } from "./connections/engine-io.ts";
import { Gate } from "./connections/gate.ts";
import { Identities } from "./connections/identities.ts";
import { LongPoll } from "./connections/long-poll.ts";
import { createLongPollToken } from "./connections/long-poll-token.ts";
import { allowRequestBy, guardNatives } from "./connections/native-gate.ts";
import { createOriginCheck } from "./connections/origin.ts";
import { Outgoing } from "./connections/outgoing.ts";
import type { Refused } from "./connections/refused.ts";
import { createSocketIo, SOCKET_IO_PATH, serveSockets } from "./connections/socket-io.ts";
import { type Addresses, routeUpgrades } from "./connections/upgrades.ts";
import { type Counters, createCounters } from "./counters.ts";
import { createPhoenixEntrance, phoenixAddresses } from "./dialects/phoenix/addresses.ts";
import { createPhoenixDialects } from "./dialects/phoenix/dialect.ts";
import { serveSocketIo } from "./dialects/socketio/connection.ts";
import { createApp } from "./http/app.ts";
import { createLivePage } from "./http/live-page.ts";
import { type ListenAddress, listen } from "./listen.ts";
import { isLoopback, listenRefusal } from "./loopback.ts";
import { type CommonroomOptions, type Options, optionsSchema, roomPattern } from "./options.ts";
import { createProblemLog, type ProblemLog } from "./problem-log.ts";
import type { AnyDefinition } from "./rooms/defined-channel.ts";
import type { ChannelDefinition } from "./rooms/definition.ts";
import type { PresenceState } from "./rooms/presence.ts";
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
  /**
   * Serves at the application's own HTTP or Express server, instead of {@link listen}: the
   * WebSocket and long-poll addresses, `/socket.io/`, `/token` and `/health`. All other requests
   * and upgrades stay the application's. Call it after the server has its own listeners. Connects
   * to Redis as {@link listen} does. {@link close} leaves the server running.
   *
   * @throws Error without a secret and without a public key, unless the server already listens on
   * a loopback address; also where this node is attached or listens already
   *
   * @example
   * const server = express().listen(3000);
   * await commonroom.attach(server);
   */
  attach(server: ApplicationServer): Promise<void>;
  /**
   * Closes all connections that the `connect` hook gave this id with 1001, in every dialect and on
   * every node. A backend says the same with `PUBLISH to:<id>:disconnect {}`.
   */
  disconnect(id: string): void;
  /**
   * Declares how the rooms of a pattern behave, for clients of every dialect. The first pattern
   * that covers a room wins. With the first one, the relay ends, unless `relay: true`.
   *
   * @param pattern an exact name, or a prefix with one trailing `*`
   * @throws ZodError if the pattern is wrong
   *
   * @example
   * commonroom.channel("room:*", {
   *   params: z.object({ name: z.string() }),
   *   join: (_candidate, { name }) => accept({ name }),
   *   on: {
   *     shout: {
   *       payload: z.object({ text: z.string() }),
   *       handle(member, { text }) {
   *         member.broadcast("shout", { text, by: member.state.name });
   *         return reply();
   *       },
   *     },
   *   },
   * });
   */
  channel<State, Params = undefined, Events = Record<never, never>>(
    pattern: string,
    definition: ChannelDefinition<State, Params, Events>,
  ): void;
  /** Who is present in a room on this node, as members are told. */
  presences(room: string): Promise<PresenceState>;
  /** What the node says of itself now. */
  status(): Status;
  /**
   * Stops accepting, closes every client with 1012, and stops everything that was started, within
   * `limits.shutdownTimeoutMs`. Harmless when repeated.
   */
  close(): Promise<void>;
}

/** What the application adds, and what a test may put in the place of the machine's own. */
export interface Surroundings {
  /** Decides who may connect, and who they are. Default: everyone, and nobody in particular. */
  readonly connect?: ConnectHook;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/**
 * Makes a server: rooms whose members speak Phoenix Channels or Socket.IO, and backends on Redis.
 * Nothing listens before {@link Commonroom.listen}.
 *
 * @param options all have defaults; see {@link CommonroomOptions}
 * @param surroundings what the application adds, such as who may connect
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
  const { clock = systemClock, log = createLog(settings.logLevel), connect } = surroundings;
  const { limits, auth } = settings;
  const counters = createCounters();
  const problem = createProblemLog(log, clock);
  const scaleOut = createScaleOut(settings.redisUrl, counters, log, problem);
  const keys = createKeys(auth);

  const outgoing = new Outgoing();
  const batch = new Batch();
  const gate = new Gate({
    isOriginAllowed: createOriginCheck(auth.checkOrigin, ownHost(settings)),
    connect,
    timeoutMs: limits.dialectTimeoutMs,
    clock,
    onNamed: (request, id) => identities.name(request, id),
    onCrash: (error) => log.error({ err: error }, "connect hook failed"),
  });
  // What a client brings is never logged, nor what it was told: both may hold secrets.
  const onRefused = ({ status }: Refused): void => log.debug({ status }, "client refused");
  const allowRequest = allowRequestBy(gate, onRefused);
  const io = createSocketIo(outgoing, scaleOut.createAdapter, limits, allowRequest);
  const identities = new Identities(io, settings.redisUrl !== undefined);
  guardNatives(io, { gate, tokenOf: ({ handshake }) => connectionToken(handshake), onRefused });
  const rooms = new Rooms({
    io,
    backends: scaleOut.backends,
    admit: createAdmit(auth, keys, () => clock.now()),
    connectionToken: (socket) => connectionToken(socket.handshake),
    settings: settings.rooms,
    relay: settings.relay,
    limits,
    clock,
    randomId,
    onCrash: (error, room, event) => log.error({ err: error, room, event }, "push crashed"),
  });
  outgoing.interceptor = rooms;
  const onSlowReader = (): void => {
    counters.slowReadersClosed += 1;
    problem("closed a connection that reads too slowly", {});
  };
  const phoenix = createPhoenixDialects(rooms);
  const engine = new Engine({
    outgoing,
    batch,
    dialects: [phoenix.v2, phoenix.v1],
    limits,
    clock,
    randomId,
    onSlowReader,
    onBadFrame: () => {
      counters.badFrames += 1;
    },
    onCrash: (error) => log.error({ err: error }, "connection crashed"),
  });

  const onConnectCrash = (error: unknown): void => log.error({ err: error }, "connecting crashed");
  const enter = createPhoenixEntrance({ gate, dialects: phoenix, tokenOf: connectionToken });
  const longPoll = new LongPoll({
    engine,
    enter: (request) => enter(request, "longpoll"),
    onRefused,
    onCrash: onConnectCrash,
    clock,
    windowMs: limits.longPollWindowMs,
    createToken: createLongPollToken,
  });

  const status = statusReader({ io, rooms, scaleOut, counters, clock });
  const http = createServer(
    createApp({
      auth,
      tokenSecret: keys.secret,
      get loopbackOnly() {
        return attached === undefined ? isLoopback(settings.host) : isOnLoopback(attached.server);
      },
      now: () => clock.now(),
      randomId,
      maxBodyBytes: limits.maxFrameBytes,
      health: status,
      onError: (error) => log.error({ err: error }, "request failed"),
      longPoll,
      page: createLivePage(),
    }),
  );
  // `bind` replaces `io.engine`, and the HTTP server belongs to Engine.IO's own.
  io.bind(engine);
  io.attach(http);
  const addresses = phoenixAddresses(enter);
  routeUpgrades(http, {
    engine,
    addresses,
    socketIoPath: SOCKET_IO_PATH,
    refusal: settings.connect.refusal,
    onRefused,
    onCrash: onConnectCrash,
  });
  io.on("connection", ({ id, conn }) => {
    log.debug({ id, transport: conn.transport.name }, "client connected");
  });
  serveSockets(io, engine, (socket) => {
    tuneNative(socket.conn, { batch, maxBacklogBytes: limits.maxBacklogBytes, onSlowReader });
    serveSocketIo(socket, rooms);
  });

  const shutdown = new Shutdown(http, clock);
  shutdown.watch(engine);
  shutdown.watch(io.engine);
  const backendRooms: BusRooms = {
    hasMembers: (room) => rooms.hasMembers(room),
    deliver: (room, event, payload) => rooms.deliver(room, event, payload),
    disconnect: (id) => identities.disconnectHere(id),
  };
  let attached: Attachment | undefined;
  const stop = async (): Promise<void> => {
    gate.close();
    longPoll.close();
    await shutdown.run(limits);
    await io.close();
    attached?.detach();
    engine.close();
    rooms.stop();
    await scaleOut.stop();
  };
  let stopping: Promise<void> | undefined;
  return {
    io,
    status,
    channel: (pattern, definition) => {
      // The types have been checked here; inside, payloads are unknown.
      rooms.declare(roomPattern.parse(pattern), definition as unknown as AnyDefinition);
    },
    presences: (room) => rooms.tracking.list(room),
    listen: async () => {
      if (attached !== undefined) throw new Error("this node serves already");
      const refusal = listenRefusal(settings);
      if (refusal !== undefined) throw new Error(refusal);
      await scaleOut.start(backendRooms);
      return listen(http, settings);
    },
    attach: async (server) => {
      if (attached !== undefined || http.listening) throw new Error("this node serves already");
      const refusal = attachRefusal(server, keys.isOpenHouse);
      if (refusal !== undefined) throw new Error(refusal);
      attached = { server, detach: () => {} };
      await scaleOut.start(backendRooms);
      if (stopping !== undefined) return;
      attached = { server, detach: divert(server, http, (path) => isOurs(path, addresses)) };
    },
    disconnect: (id) => identities.disconnect(id),
    close: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** A server of the application's that this node is attached to. */
interface Attachment {
  readonly server: ApplicationServer;
  readonly detach: () => void;
}

/** Paths that belong to this node at an application's server, besides Socket.IO's. */
const ATTACHED_PATHS: ReadonlySet<string> = new Set(["/token", "/health"]);

function isOurs(path: string, addresses: Addresses): boolean {
  if (path.startsWith(SOCKET_IO_PATH) || ATTACHED_PATHS.has(path)) return true;
  return addresses.has(path) || addresses.has(path.replace(/longpoll$/, "websocket"));
}

/** The host that browsers know this server by. */
function ownHost({ publicUrl, host }: Pick<Options, "publicUrl" | "host">): string {
  return publicUrl === undefined ? host : new URL(publicUrl).hostname;
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

import type { Server as HttpServer } from "node:http";
import querystring from "node:querystring";
import type { Server as SocketIoServer } from "socket.io";
import type { ApplicationServer } from "../attach.ts";
import { createAdmit } from "../auth/admission.ts";
import { connectionToken } from "../auth/connection-token.ts";
import { randomId } from "../auth/random-id.ts";
import type { BusRooms } from "../bus/bus.ts";
import type { ScaleOut } from "../bus/scale-out.ts";
import type { ConnectHook } from "../connections/connect.ts";
import type { Dialect } from "../connections/dialect.ts";
import { Engine } from "../connections/engine.ts";
import { tuneNative } from "../connections/engine-io.ts";
import { Gate } from "../connections/gate.ts";
import { Identities } from "../connections/identities.ts";
import { LongPoll } from "../connections/long-poll.ts";
import { createLongPollToken } from "../connections/long-poll-token.ts";
import { allowRequestBy, guardNatives } from "../connections/native-gate.ts";
import { createOriginCheck } from "../connections/origin.ts";
import type { Refused } from "../connections/refused.ts";
import { createSocketIo, SOCKET_IO_PATH, serveSockets } from "../connections/socket-io.ts";
import { type Addresses, routeUpgrades } from "../connections/upgrades.ts";
import { waitingBytesFor } from "../connections/waiting-bytes.ts";
import {
  createPhoenixEntrance,
  type PhoenixVersions,
  phoenixAddresses,
} from "../dialects/phoenix/addresses.ts";
import { createPhoenixDialects } from "../dialects/phoenix/dialect.ts";
import { plainAddresses } from "../dialects/plain/addresses.ts";
import { createPlainDialect } from "../dialects/plain/dialect.ts";
import { serveSocketIo } from "../dialects/socketio/connection.ts";
import type { Tower } from "../dialects/tower/tower.ts";
import type { Visitors } from "../dialects/tower/visitors.ts";
import { FurtherPort } from "../further-port.ts";
import type { Options } from "../options.ts";
import { Rooms } from "../rooms/rooms.ts";
import { Shutdown } from "../shutdown.ts";
import { type Status, statusReader } from "../status.ts";
import { Turnstile } from "../turnstile.ts";
import { type Base, createBase, type Surroundings } from "./base.ts";
import { type Colonies, createColonies, namesColonists } from "./colonies.ts";
import { createHttp } from "./http.ts";
import { createPresence, type SharedPresence } from "./presence.ts";
import { createTowerDoors, createTowerVisitors } from "./tower.ts";

/** A node's parts, put together and not started. */
export interface Parts {
  readonly io: SocketIoServer;
  readonly rooms: Rooms;
  readonly identities: Identities;
  readonly gate: Gate;
  readonly engine: Engine;
  readonly longPoll: LongPoll;
  readonly tower: Pick<Tower, "close">;
  readonly colonies: Colonies;
  readonly http: HttpServer;
  /** The port that ColonyOS clients know, if the settings name one. */
  readonly coloniesPort: FurtherPort;
  readonly scaleOut: ScaleOut;
  readonly presence: SharedPresence;
  readonly shutdown: Shutdown;
  readonly status: () => Status;
  /** The rooms as the bus sees them. */
  readonly busRooms: BusRooms;
  /** Whether no key was configured. */
  readonly isOpenHouse: boolean;
  /** Whether a path is this node's, at an application's server. */
  readonly isOurs: (path: string) => boolean;
  /** Where the node serves, if at an application's server. */
  readonly place: Place;
}

/** Where a node serves, if at an application's server. */
export interface Place {
  server: ApplicationServer | undefined;
}

/** Paths that belong to a node at an application's server, besides its dialects'. */
const ATTACHED_PATHS: ReadonlySet<string> = new Set(["/token", "/publish", "/health", "/ready"]);

const COLONIES_PATHS: ReadonlySet<string> = new Set(["/api", "/pubsub"]);

/** A room's log, or who is in it. */
const ROOM_PATH = /^\/rooms\/([^/]+)\/(log|presence)$/;

/**
 * Puts a node together.
 *
 * @throws Error if the public key cannot be used
 */
export function wire(settings: Options, surroundings: Surroundings): Parts {
  const base = createBase(settings, surroundings);
  const { clock, log, keys, scaleOut, counters } = base;
  const doors = createDoors(base, surroundings.connect);
  const { gate, io, identities } = doors;
  const known = createTowerVisitors(base, surroundings.resolveUser);
  const rooms = createRooms(base, io, known.visitors);
  base.outgoing.interceptor = rooms;
  base.outgoing.recorder = rooms.logs;
  const phoenix = createPhoenixDialects(rooms);
  const plain = createPlainDialect({
    rooms,
    settings: settings.plain,
    maxWaiting: settings.limits.maxWaitingPushes,
  });
  const tower = createTowerDoors(base, doors, known, rooms, surroundings.canSee);
  const colonies = createColonies(base, doors, rooms);
  const engine = createEngine(base, [phoenix.v2, phoenix.v1, plain, tower.dialect]);
  const { enter, longPoll } = createPhoenixDoors(base, doors, phoenix, engine);
  const status = statusReader({
    io,
    rooms,
    scaleOut,
    counters,
    clock,
    worker: base.worker?.number,
  });
  const place: Place = { server: undefined };
  // Workers without Redis share nothing that processes could be kept in.
  const isShared = base.worker === undefined || settings.redisUrl !== undefined;
  const api = isShared ? colonies.api : undefined;
  const http = createHttp(base, { io, rooms, status, longPoll, place, colonies: api });
  // `bind` replaces `io.engine`, and the HTTP server belongs to Engine.IO's own.
  io.bind(engine);
  io.attach(http);
  const addresses = new Map([
    ...tower.addresses,
    ...phoenixAddresses(enter),
    ...plainAddresses({ gate, dialect: plain, tokenOf: connectionToken }),
    ...(isShared ? colonies.addresses : []),
  ]);
  routeUpgrades(http, {
    engine,
    addresses,
    socketIoPath: SOCKET_IO_PATH,
    refusal: settings.connect.refusal,
    onRefused: doors.onRefused,
    onCrash: (error) => log.error({ err: error }, "connecting crashed"),
  });
  serveClients(base, io, engine, rooms);
  const shutdown = new Shutdown(http, clock);
  // After all other listeners: they hear of this worker's own sessions only.
  base.worker?.front(http, io);
  shutdown.watch(engine);
  shutdown.watch(io.engine);
  const busRooms: BusRooms = {
    hasMembers: (room) => rooms.hears(room),
    keepsLog: (room) => rooms.logs.keeps(room),
    loggedPatterns: () => rooms.loggedPatterns(),
    deliver: (room, event, payload) => rooms.deliver(room, event, payload),
    disconnect: (id) => identities.disconnectHere(id),
    interrupted: () => rooms.interrupted(),
  };
  const isOurs = createPathTest(addresses, rooms, namesColonists(settings.colonies));
  const { isOpenHouse } = keys;
  const connections = { gate, engine, longPoll, tower, colonies, identities };
  return {
    io,
    rooms,
    http,
    coloniesPort: new FurtherPort(http),
    scaleOut,
    presence: createPresence(base, rooms, place),
    shutdown,
    status,
    busRooms,
    isOpenHouse,
    isOurs,
    place,
    ...connections,
  };
}

/** Who may connect, and the Socket.IO server behind it. */
export type Doors = ReturnType<typeof createDoors>;

function createDoors(base: Base, connect: ConnectHook | undefined) {
  const { settings, clock, log, outgoing, scaleOut } = base;
  const { limits, auth } = settings;
  const gate = new Gate({
    isOriginAllowed: createOriginCheck(auth.checkOrigin, ownHost(settings)),
    connect,
    timeoutMs: limits.dialectTimeoutMs,
    turnstile: new Turnstile(
      { perSec: limits.connectsPerSec, maxWaiting: limits.maxWaitingConnects },
      clock,
    ),
    clock,
    onNamed: (request, id) => identities.name(request, id),
    onCrash: (error) => log.error({ err: error }, "connect hook failed"),
  });
  // What a client brings is never logged, nor what it was told: both may hold secrets.
  const onRefused = ({ status }: Refused): void => log.debug({ status }, "client refused");
  const allowRequest = allowRequestBy(gate, onRefused);
  const io = createSocketIo(outgoing, scaleOut.createAdapter, limits, allowRequest);
  const identities = new Identities(io, scaleOut.presenceLink !== undefined);
  guardNatives(io, { gate, tokenOf: ({ handshake }) => connectionToken(handshake), onRefused });
  return { gate, io, identities, onRefused };
}

function createRooms(
  { settings, clock, log, keys, counters, scaleOut, problem, passes }: Base,
  io: SocketIoServer,
  visitors: Visitors,
): Rooms {
  const { maxBacklogBytes, joinsPerSec, maxWaitingJoins } = settings.limits;
  return new Rooms({
    io,
    backends: scaleOut.backends,
    hasOtherNodes: scaleOut.presenceLink !== undefined,
    admit: passes.admitting(createAdmit(settings.auth, keys, () => clock.now())),
    connectionToken: (socket) =>
      visitors.tokenOf(socket.request) ?? connectionToken(socket.handshake),
    settings: settings.rooms,
    relay: settings.relay,
    limits: settings.limits,
    joins: new Turnstile({ perSec: joinsPerSec, maxWaiting: maxWaitingJoins }, clock),
    clock,
    randomId,
    createLogs: scaleOut.createLogs,
    spareBytes: ({ conn }) => maxBacklogBytes - waitingBytesFor(conn),
    onUnlogged: (room, event, reason) => {
      counters.logMessagesLost += 1;
      problem(`not delivered, the log is ${reason}`, { room, event });
    },
    onInterrupted: () => {
      counters.membersInterrupted += 1;
    },
    onCrash: (error, room, event) => log.error({ err: error, room, event }, "channel crashed"),
  });
}

function createEngine(base: Base, dialects: readonly Dialect[]): Engine {
  const { settings, clock, log, counters, problem, outgoing, batch } = base;
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
    onCrash: (error) => log.error({ err: error }, "connection crashed"),
  });
}

/** The ways in for Phoenix clients. */
function createPhoenixDoors(
  { settings, worker, clock, log }: Base,
  { gate, onRefused }: Doors,
  dialects: PhoenixVersions,
  engine: Engine,
) {
  const enter = createPhoenixEntrance({ gate, dialects, tokenOf: connectionToken });
  const longPoll = new LongPoll({
    engine,
    enter: (request) => enter(request, "longpoll"),
    onRefused,
    onCrash: (error) => log.error({ err: error }, "connecting crashed"),
    clock,
    windowMs: settings.limits.longPollWindowMs,
    createToken: worker?.createLongPollToken ?? createLongPollToken,
  });
  return { enter, longPoll };
}

/** Gives each new socket to its dialect. */
function serveClients(base: Base, io: SocketIoServer, engine: Engine, rooms: Rooms): void {
  const { settings, log, batch } = base;
  const { maxBacklogBytes } = settings.limits;
  io.on("connection", ({ id, conn }) => {
    log.debug({ id, transport: conn.transport.name }, "client connected");
  });
  serveSockets(io, engine, (socket) => {
    const onSlowReader = (): void => noteSlowReader(base);
    tuneNative(socket.conn, { batch, maxBacklogBytes, onSlowReader });
    serveSocketIo(socket, rooms);
  });
}

function noteSlowReader({ counters, problem }: Base): void {
  counters.slowReadersClosed += 1;
  problem("closed a connection that reads too slowly", {});
}

/**
 * Makes the test of which paths are ours at an application's server. ColonyOS's are where the
 * settings speak of it, and a log is where its room keeps one.
 */
function createPathTest(addresses: Addresses, rooms: Rooms, hasColonies: boolean) {
  const isAddress = (path: string): boolean =>
    COLONIES_PATHS.has(path)
      ? hasColonies
      : addresses.has(path) || addresses.has(path.replace(/longpoll$/, "websocket"));
  return (path: string): boolean => {
    if (path.startsWith(SOCKET_IO_PATH) || ATTACHED_PATHS.has(path) || isAddress(path)) return true;
    const [, name, what] = ROOM_PATH.exec(path) ?? [];
    if (name === undefined) return false;
    const room = rooms.roomOf(querystring.unescape(name));
    return what === "log" ? rooms.logs.keeps(room) : rooms.channels.of(room)?.visit !== undefined;
  };
}

/** The host that browsers know this server by. */
function ownHost({ publicUrl, host }: Pick<Options, "publicUrl" | "host">): string {
  return publicUrl === undefined ? host : new URL(publicUrl).hostname;
}

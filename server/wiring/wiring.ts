import type { Server as HttpServer } from "node:http";
import type { Server as SocketIoServer } from "socket.io";
import { connectionToken } from "../auth/connection-token.ts";
import type { BusRooms } from "../bus/bus.ts";
import type { ScaleOut } from "../bus/scale-out.ts";
import type { Engine } from "../connections/engine.ts";
import type { Gate } from "../connections/gate.ts";
import type { Identities } from "../connections/identities.ts";
import type { LongPoll } from "../connections/long-poll.ts";
import { SOCKET_IO_PATH } from "../connections/socket-io.ts";
import { routeUpgrades } from "../connections/upgrades.ts";
import { phoenixAddresses } from "../dialects/phoenix/addresses.ts";
import { createPhoenixDialects } from "../dialects/phoenix/dialect.ts";
import { plainAddresses } from "../dialects/plain/addresses.ts";
import { createPlainDialect } from "../dialects/plain/dialect.ts";
import type { Tower } from "../dialects/tower/tower.ts";
import { FurtherPort } from "../further-port.ts";
import type { Options } from "../options.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { Shutdown } from "../shutdown.ts";
import { type Status, statusReader } from "../status.ts";
import { createBase, type Place, type Surroundings } from "./base.ts";
import { createEngine, serveClients } from "./clients.ts";
import { type Colonies, createColonies, namesColonists } from "./colonies.ts";
import { createDoors } from "./doors.ts";
import { createEventsDoor } from "./events.ts";
import { createHttp } from "./http.ts";
import { createPathTest } from "./own-paths.ts";
import { createPhoenixDoors } from "./phoenix.ts";
import { createPresence, type SharedPresence } from "./presence.ts";
import { createRooms } from "./rooms.ts";
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
  const roomEvents = createEventsDoor(base, doors, rooms, engine);
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
  const http = createHttp(base, { io, rooms, status, longPoll, roomEvents, place, colonies: api });
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
    busRooms: busRoomsOf(rooms, identities),
    isOpenHouse,
    isOurs,
    place,
    ...connections,
  };
}

function busRoomsOf(rooms: Rooms, identities: Identities): BusRooms {
  return {
    hasMembers: (room) => rooms.hears(room),
    keepsLog: (room) => rooms.logs.keeps(room),
    loggedPatterns: () => rooms.loggedPatterns(),
    deliver: (room, event, payload) => rooms.deliver(room, event, payload),
    disconnect: (id) => identities.disconnectHere(id),
    interrupted: () => rooms.interrupted(),
    lost: (broadcasts) => rooms.lost(broadcasts),
  };
}

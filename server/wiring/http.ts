import { createServer, type Server as HttpServer } from "node:http";
import type { Server as SocketIoServer } from "socket.io";
import { isOnLoopback } from "../attach.ts";
import { createAdmit } from "../auth/admission.ts";
import { randomId } from "../auth/random-id.ts";
import { createVerifier } from "../auth/token-verifier.ts";
import type { LongPoll } from "../connections/long-poll.ts";
import { createApp } from "../http/app.ts";
import type { ColoniesApi, RoomEvents } from "../http/context.ts";
import { createLivePage } from "../http/live-page.ts";
import { isLoopback } from "../loopback.ts";
import { createReadLog } from "../rooms/log/reading.ts";
import { createReadPresence } from "../rooms/presence-reading.ts";
import { createPublish } from "../rooms/publishing.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Status } from "../status.ts";
import type { Base, Place } from "./base.ts";
import { originCheckOf } from "./doors.ts";

/**
 * How long a connection may wait for its next request. Proxies keep theirs for a minute: one that is
 * ended here first, as with Node's 5 s, may be ended just when it is used again.
 */
const KEEP_ALIVE_MS = 75_000;

/** What the HTTP side of a node shows of it. */
export interface HttpParts {
  readonly io: SocketIoServer;
  readonly rooms: Rooms;
  readonly status: () => Status;
  readonly longPoll: LongPoll;
  readonly roomEvents: RoomEvents;
  readonly place: Place;
  /** Undefined where ColonyOS is not served. */
  readonly colonies: ColoniesApi | undefined;
}

/** Puts the HTTP side of a node together. */
export function createHttp(base: Base, parts: HttpParts): HttpServer {
  const { settings, clock, log, keys } = base;
  const { io, rooms, status, longPoll, roomEvents, place, colonies } = parts;
  const { leewaySecs } = settings.auth;
  const now = (): number => clock.now();
  const verify = createVerifier({ ...keys, leewaySecs }, now);
  const admit = createAdmit(settings.auth, keys, now);
  const app = createApp({
    auth: settings.auth,
    isOriginAllowed: settings.auth.checkOrigin === false ? undefined : originCheckOf(settings),
    tokenSecret: keys.secret,
    get loopbackOnly() {
      // Who is known by a public address has a proxy before it.
      if (isPublic(settings.publicUrl)) return false;
      return place.server === undefined ? isLoopback(settings.host) : isOnLoopback(place.server);
    },
    now,
    randomId,
    maxBodyBytes: settings.limits.maxFrameBytes,
    health: status,
    ready: status,
    onError: (error) => log.error({ err: error }, "request failed"),
    longPoll,
    roomEvents,
    publishing: { publish: createPublish({ io, rooms }), verify, isOpenHouse: keys.isOpenHouse },
    readLog: createReadLog({ rooms, admit }),
    readPresence: createReadPresence({ rooms, admit }),
    colonies,
    page: createLivePage(),
  });
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
}

/** Whether browsers elsewhere know the server by its public address. */
function isPublic(publicUrl: string | undefined): boolean {
  if (publicUrl === undefined) return false;
  return !isLoopback(new URL(publicUrl).hostname.replace(/^\[|\]$/g, ""));
}

import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import { type CommonroomOptions, optionsSchema } from "../../../server/options.ts";
import type { Admit } from "../../../server/rooms/admission.ts";
import type { Backends } from "../../../server/rooms/backends.ts";
import type { JoinRequest } from "../../../server/rooms/candidates.ts";
import type { LogStore, LogStoreContext } from "../../../server/rooms/log/log-store.ts";
import { MemoryLogs } from "../../../server/rooms/log/memory-logs.ts";
import type { Member } from "../../../server/rooms/member.ts";
import type { Reply } from "../../../server/rooms/reply.ts";
import { type IsMeant, isAnyMembership, Rooms } from "../../../server/rooms/rooms.ts";
import { Turnstile } from "../../../server/turnstile.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A socket without a connection. It keeps what it is sent. */
export class SceneSocket {
  readonly id: string;
  /** What it was sent: event, payload and meta. */
  readonly sent: unknown[][] = [];
  readonly client = { writeToEngine: (): void => {} };
  readonly #io: Server;
  readonly #listeners = new Map<string, () => void>();

  constructor(io: Server, id: string) {
    this.#io = io;
    this.id = id;
    const sockets = io.of("/").sockets;
    sockets.set(id, this as unknown as Socket<DefaultEventsMap, DefaultEventsMap>);
    this.join(id);
  }

  join(room: string): void {
    void this.#io.of("/").adapter.addAll(this.id, new Set([room]));
  }

  leave(room: string): void {
    void this.#io.of("/").adapter.del(this.id, room);
  }

  once(event: string, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  emit(...event: unknown[]): boolean {
    return this.sent.push(event) > 0;
  }

  to(room: string) {
    return this.#io.to(room).except(this.id);
  }

  notifyOutgoingListeners({ data }: { data: unknown[] }): void {
    this.sent.push(data);
  }

  /** Ends the connection, as Socket.IO does. */
  end(): void {
    this.#listeners.get("disconnecting")?.();
    this.#io.of("/").adapter.delAll(this.id);
    this.#io.of("/").sockets.delete(this.id);
    this.#listeners.get("disconnect")?.();
  }
}

/** What a scene may be made with. */
export interface SceneOptions {
  readonly options?: CommonroomOptions;
  readonly backends?: Partial<Backends>;
  readonly hasOtherNodes?: boolean;
  readonly createLogs?: (context: LogStoreContext) => LogStore;
  /** The token that every connection is opened with. */
  readonly connectionToken?: string;
  /** Joins that pass at once; further ones wait for a second each. */
  readonly joinsAtOnce?: number;
}

/** Lets all go on that waits for nothing else. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a scene's rooms have told of themselves. */
interface Notes {
  readonly crashes: unknown[];
  /** What the backends were told. */
  readonly told: unknown[];
  readonly unlogged: unknown[];
  interrupted: number;
}

/** Names `id1`, `id2`, … */
function countedIds(): () => string {
  let ids = 0;
  return () => {
    ids += 1;
    return `id${ids}`;
  };
}

/** A token is the name of a room. */
function admitByName(clock: ManualClock): Admit {
  return (room, { joinToken, connectionToken }) => {
    const token = joinToken ?? connectionToken;
    if (token === undefined) return { ok: true, id: undefined, expiresAtMs: undefined };
    if (token !== "*" && token !== "until" && token !== room) {
      return { ok: false, code: "room_forbidden" };
    }
    const expiresAtMs = token === "until" ? clock.now() + 60_000 : undefined;
    return { ok: true, id: `holder of ${token}`, expiresAtMs };
  };
}

function createRooms(given: SceneOptions, io: Server, clock: ManualClock, notes: Notes): Rooms {
  const { options = {}, backends = {}, hasOtherNodes = false, joinsAtOnce = 1000 } = given;
  const settings = optionsSchema.parse(options);
  return new Rooms({
    io,
    clock,
    hasOtherNodes,
    backends: {
      publish: (...event) => notes.told.push(event) > 0,
      announce: () => false,
      hear: () => undefined,
      isConfigured: false,
      ...backends,
    },
    admit: admitByName(clock),
    connectionToken: () => given.connectionToken,
    settings: settings.rooms,
    relay: settings.relay,
    limits: settings.limits,
    joins: new Turnstile({ perSec: joinsAtOnce, maxWaiting: 1 }, clock),
    randomId: countedIds(),
    createLogs: given.createLogs ?? ((context) => new MemoryLogs(context)),
    spareBytes: () => 1_000_000,
    onUnlogged: (...what) => notes.unlogged.push(what),
    onInterrupted: () => {
      notes.interrupted += 1;
    },
    onCrash: (error, room, event) =>
      notes.crashes.push([error instanceof Error ? error.message : error, room, event]),
  });
}

/**
 * Rooms without a server around them. Tokens are names of rooms, or `*` for all; without one,
 * everybody is welcome. A token `until` is for all rooms and for one minute.
 */
export function createScene(given: SceneOptions = {}) {
  const io = new Server();
  const clock = new ManualClock();
  const notes: Notes = { crashes: [], told: [], unlogged: [], interrupted: 0 };
  const rooms = createRooms(given, io, clock, notes);
  let sockets = 0;

  const connect = (): SceneSocket => {
    sockets += 1;
    return new SceneSocket(io, `socket${sockets}`);
  };

  return {
    rooms,
    io,
    clock,
    crashes: notes.crashes,
    told: notes.told,
    unlogged: notes.unlogged,
    interrupted: () => notes.interrupted,
    connect,
    ...requestsOf(rooms),
  };
}

/** What clients ask of rooms, with what they are answered. */
function requestsOf(rooms: Rooms) {
  const asSocket = (socket: SceneSocket): Socket => socket as unknown as Socket;
  /** Calls with a function that takes answers; gives back what was answered at once or later. */
  const answered = (call: (answer: (reply: Reply, member?: Member) => void) => void): Reply[] => {
    const replies: Reply[] = [];
    call((reply) => replies.push(reply));
    return replies;
  };
  const join = (socket: SceneSocket, room: unknown, params?: unknown, more = {}): Reply[] => {
    const request: JoinRequest = { params, ref: "r", ...more };
    return answered((answer) => rooms.join(asSocket(socket), room, request, answer));
  };
  const leave = (socket: SceneSocket, room: unknown, isMeant: IsMeant = isAnyMembership) =>
    answered((answer) => rooms.leave(asSocket(socket), room, isMeant, answer));
  const push = (
    socket: SceneSocket,
    room: unknown,
    event: unknown,
    payload: unknown = {},
    isMeant: IsMeant = isAnyMembership,
  ): Reply[] =>
    answered((answer) => rooms.push(asSocket(socket), room, event, payload, isMeant, answer));
  const visit = (socket: SceneSocket, room: unknown, event: unknown, payload: unknown = {}) =>
    answered((answer) => rooms.visit(asSocket(socket), room, event, payload, answer));
  return { asSocket, join, leave, push, visit };
}

/** A refusal with this code. */
export function refused(code: string) {
  return { status: "error", response: { code } };
}

import type { Answer, OnAnswer } from "./carrier.ts";
import type { Core } from "./core.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { ChannelError, ChannelMessageError, refusedBy } from "./errors.ts";
import { guarded } from "./guarded.ts";
import { isObject, isPresence, toBytes } from "./payload.ts";

/** What the client has of a room's log. */
interface Position {
  since: number;
  readonly epoch: string;
}

/** A room that is joined, or shall be. */
export interface Room extends Deferred<unknown> {
  /** The params that were asked for. */
  readonly asked: { readonly presence?: unknown; readonly since?: number | null };
  /** The params of the next join: with what the client has of the room's log. */
  params(): { readonly since?: number | null };
  isJoined?: boolean;
  /** Whether the promise has been kept or broken. */
  isSettled?: boolean;
  /** Stops the room's timer. */
  stop?: () => void;
}

/** What the response to a join says of a room's log. */
interface Joined {
  readonly recovered?: boolean;
  readonly offset?: number;
  readonly epoch?: string;
}

/** The part of a Channel that knows which rooms are joined, and which shall be. */
export interface Rooms {
  /**
   * Joins a room, at once or at the next open, and again at each open after that.
   *
   * @param params `token`, `meta`, `presence: true` to hear `presence_state` and `presence_diff`,
   *   and whatever else the room's channel asks for. Left out, they stay as they are. Where the
   *   room keeps a log, the join asks for what this client has missed, unless they say `since`
   * @returns the server's response, once it has let this client in
   * @throws ChannelMessageError if it has not. Where it is for want of a connection or an answer
   *   (`not_connected`, `timeout`, …), the room is joined at the next open all the same
   */
  join(room: string, params?: object): Promise<unknown>;
  /**
   * Leaves a room, and removes its handlers. What is queued for it is dropped: its pushes reject
   * with `room_left`.
   *
   * @returns once the server has answered; at once without a connection
   */
  leave(room: string): Promise<void>;
  /** Whether a room is joined, or shall be. */
  is_in_room(room: string): boolean;
  /** The rooms that are joined, or shall be, in the order of joining. */
  get_rooms(): string[];
}

/** What the other parts may ask of the rooms. */
export interface RoomsCore {
  /** The rooms by their names, in the order of joining. */
  rooms: Map<string, Room>;
  /** What the client has of the logs of rooms that it has not left, be it in them or not. */
  positions: Map<string, Position | "" | undefined>;
  /** There is a connection again. */
  flush(): void;
  /** The connection is gone; what was asked over it gets no answer any more. */
  lost(): void;
  /** There is no connection, and none will come by itself. */
  abandoned(error: ChannelError): void;
  heard(room: string | undefined, event: string, payload: unknown, meta?: unknown): void;
  /**
   * Notes what the client has of a room's log.
   *
   * @param said a meta or a response; one that has an `offset` counts
   * @returns something if the room keeps a log
   */
  seen(room: string | undefined, said?: unknown): unknown;
}

/** Gives a Channel its rooms. */
export function addRooms(core: Core): void {
  core.rooms = new Map();
  core.positions = new Map();

  const { flush } = core;
  core.flush = () => {
    core.rooms.forEach((room, name) => {
      enter(core, name, room, true);
    });
    flush();
  };
  core.lost = () => {
    core.rooms.forEach((room) => {
      room.stop?.();
      room.isJoined = false;
    });
    core.drop("connection_lost");
  };
  core.abandoned = (error) => {
    core.rooms.forEach((room) => {
      if (!room.isSettled) fail(core, room, error);
    });
  };
  core.seen = (name, said) => {
    const position = core.positions.get(name as string);
    const at = (said as Joined | undefined)?.offset as number;
    // A repeated push is answered with the offset that it had long ago.
    if (position && at > position.since) position.since = at;
    return position;
  };
  core.heard = (name, event, payload, from) => {
    if (name && !admits(core, name, event, from)) return;
    // In a room, what is neither an object, as presence is too, nor bytes arrives as `{data}`.
    const isBare = !name || isObject(payload);
    const message = toBytes(payload) || (isBare ? payload : { data: payload });
    const meta = { room: name, event };
    if (name) core.run(`/${name}`, message, meta);
    core.run("message", message, meta);
  };
  core.is_in_room = (room) => core.rooms.has(room);
  core.get_rooms = () => [...core.rooms.keys()];
  core.join = (name, params) =>
    guarded(() => {
      const known = core.rooms.get(name);
      const text = JSON.stringify(params ?? known?.asked ?? {});
      if (known && JSON.stringify(known.asked) === text) {
        if (known.isJoined || !known.isSettled) return known.promise;
      }
      const room: Room = {
        ...deferred(),
        asked: JSON.parse(text),
        params: () => ({ ...room.asked, ...(core.positions.get(name) as object) }),
      };
      if (room.asked.since != null) core.positions.delete(name);
      core.rooms.set(name, room);
      known?.stop?.();
      known?.resolve(room.promise);
      enter(core, name, room, core.is_connected);
      return room.promise;
    }, name);
  core.leave = (name) =>
    guarded(async () => {
      const room = core.rooms.get(name);
      core.positions.delete(name);
      if (!room) return;
      core.rooms.delete(name);
      room.stop?.();
      room.reject(new ChannelMessageError("room_left", name));
      core.drop("room_left", name);
      core.clear_room_handlers(name);
      const prepare = (onAnswer: OnAnswer) => () => core.carrier.leave(name, onAnswer);
      if (core.is_connected) await core.ask(name, prepare);
    }, name);
}

/** A join has failed: its caller is told, or, where that is long done, the error handlers. */
function fail(core: Core, room: Room, error: ChannelError): void {
  if (room.isSettled) core.report(error);
  room.isSettled = true;
  room.reject(error);
}

function enter(core: Core, name: string, room: Room, isOpen: boolean): void {
  room.stop?.();
  room.stop = core.clock.after(core.join_timeout_ms, () => {
    if (core.is_connecting) return;
    const code = core.is_connected ? "timeout" : "not_connected";
    fail(core, room, new ChannelMessageError(code, name));
  });
  const onAnswer = (answer: Answer): void => {
    if (core.rooms.get(name) !== room) return;
    room.stop?.();
    room.isJoined = answer.status === "ok";
    if (room.isJoined) {
      const { recovered, offset, epoch } = Object(answer.response) as Joined;
      if (core.seen(name) && !recovered) core.report(new ChannelError("history_lost", name));
      // What was missed follows, and is counted as it comes.
      const since = (recovered ? room.params().since : offset) as number;
      core.positions.set(name, epoch && { since, epoch });
      room.isSettled = true;
      room.resolve(answer.response);
      room.promise = guarded(() => answer.response);
    } else {
      core.rooms.delete(name);
      fail(core, room, refusedBy(answer, name));
    }
  };
  if (isOpen) core.carrier.join(name, room.params, onAnswer);
}

/** Takes an event of a room; says whether it is for handlers. */
function admits(core: Core, name: string, event: string, from: unknown): unknown {
  const room = core.rooms.get(name);
  const isIn = room?.isJoined;
  // It is of the former membership, and follows again after the answer to the join.
  if (core.seen(name, isIn && from) && !isIn && (from as Joined).offset) return false;
  if (isIn && event === "phx_close") {
    core.rooms.delete(name);
    core.report(new ChannelError("room_closed", name));
  }
  if (isIn && event === "phx_error") {
    room.isJoined = false;
    room.stop = core.clock.after(core.reconnect_delay * 1000, () => enter(core, name, room, true));
  }
  return isPresence(event) ? room?.asked.presence : !/^(phx|chan_reply)_/.test(event);
}

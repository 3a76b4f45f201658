import type { Answer, OnAnswer } from "./carrier.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { ChannelError, ChannelMessageError, refusedBy } from "./errors.ts";
import { guarded } from "./guarded.ts";
import { Outbox } from "./outbox.ts";
import { isObject, isPresence, toBytes } from "./payload.ts";

/** A room that is joined, or shall be. */
interface Room extends Deferred<unknown> {
  /** The params of the join, and as text, to tell whether others differ. */
  readonly params: { readonly presence?: unknown };
  readonly text: string;
  isJoined?: boolean;
  /** What the server said to the latest join. */
  response?: unknown;
  /** Whether the promise has been kept or broken. */
  isSettled?: boolean;
  /** Stops the room's timer. */
  stop?: () => void;
}

/** The part of a Channel that knows which rooms are joined, and which shall be. */
export abstract class Rooms extends Outbox {
  readonly #rooms = new Map<string, Room>();

  /** Whether a room is joined, or shall be. */
  is_in_room(room: string): boolean {
    return this.#rooms.has(room);
  }

  /** The rooms that are joined, or shall be, in the order of joining. */
  override get_rooms(): string[] {
    return [...this.#rooms.keys()];
  }

  /**
   * Joins a room, at once or at the next open, and again at each open after that.
   *
   * @param params `token`, `meta`, `presence: true` to hear `presence_state` and `presence_diff`,
   *   and whatever else the room's channel asks for. Left out, they stay as they are
   * @returns the server's response, once it has let this client in
   * @throws ChannelMessageError if it has not. Where it is for want of a connection or an answer
   *   (`not_connected`, `timeout`, …), the room is joined at the next open all the same
   */
  join(room: string, params?: object): Promise<unknown> {
    return guarded(() => {
      const known = this.#rooms.get(room);
      const text = JSON.stringify(params ?? known?.params ?? {});
      if (known?.text === text) {
        if (known.isJoined) return known.response;
        if (!known.isSettled) return known.promise;
      }
      const wanted: Room = { ...deferred(), params: JSON.parse(text), text };
      this.#rooms.set(room, wanted);
      known?.stop?.();
      known?.resolve(wanted.promise);
      this.#join(room, wanted);
      return wanted.promise;
    }, room);
  }

  /**
   * Leaves a room, and removes its handlers. What is queued for it is dropped: its pushes reject
   * with `room_left`.
   *
   * @returns once the server has answered; at once without a connection
   */
  leave(room: string): Promise<void> {
    return guarded(async () => {
      const left = this.#rooms.get(room);
      if (!left) return;
      this.#rooms.delete(room);
      left.stop?.();
      left.reject(new ChannelMessageError("room_left", room));
      this.drop("room_left", room);
      this.clear_room_handlers(room);
      const prepare = (onAnswer: OnAnswer) => () => this.carrier.leave(room, onAnswer);
      if (this.is_connected) await this.ask(room, prepare);
    }, room);
  }

  protected override flush(): void {
    for (const [name, room] of this.#rooms) this.#join(name, room, true);
    super.flush();
  }

  protected override lost(): void {
    for (const room of this.#rooms.values()) {
      room.stop?.();
      room.isJoined = false;
    }
    this.drop("connection_lost");
  }

  protected override abandoned(error: ChannelError): void {
    for (const room of this.#rooms.values()) if (!room.isSettled) this.#fail(room, error);
  }

  /** @internal */
  heard(name: string | undefined, event: string, payload: unknown): void {
    if (name && !this.#admits(name, event)) return;
    // In a room, what is neither an object, as presence is too, nor bytes arrives as `{data}`.
    const isBare = !name || isObject(payload);
    const message = toBytes(payload) || (isBare ? payload : { data: payload });
    const meta = { room: name, event };
    if (name) this.run(`/${name}`, message, meta);
    this.run("message", message, meta);
  }

  /** Takes an event of a room; says whether it is for handlers. */
  #admits(name: string, event: string): boolean {
    const room = this.#rooms.get(name);
    const isIn = room?.isJoined;
    if (isIn && event === "phx_close") {
      this.#rooms.delete(name);
      this.report(new ChannelError("room_closed", name));
    }
    if (isIn && event === "phx_error") {
      room.isJoined = false;
      room.stop = this.clock.after(this.reconnect_delay * 1000, () => this.#join(name, room));
    }
    return isPresence(event) ? room?.params.presence === true : !/^(phx|chan_reply)_/.test(event);
  }

  #join(name: string, room: Room, isOpen = this.is_connected): void {
    room.stop?.();
    room.stop = this.clock.after(this.join_timeout_ms, () => {
      const code = this.is_connected ? "timeout" : "not_connected";
      if (!this.is_connecting) this.#fail(room, new ChannelMessageError(code, name));
    });
    const onAnswer = (answer: Answer): void => {
      if (this.#rooms.get(name) !== room) return;
      room.stop?.();
      room.isJoined = answer.status === "ok";
      room.response = answer.response;
      if (room.isJoined) {
        room.isSettled = true;
        room.resolve(answer.response);
      } else {
        this.#rooms.delete(name);
        this.#fail(room, refusedBy(answer, name));
      }
    };
    if (isOpen) this.carrier.join(name, room.params, onAnswer);
  }

  /** A join has failed: its caller is told, or, where that is long done, the error handlers. */
  #fail(room: Room, error: ChannelError): void {
    if (room.isSettled) this.report(error);
    room.isSettled = true;
    room.reject(error);
  }
}

import { type CamelCased, camelCase } from "./camel-case.ts";
import type { Answer, Carrier, CarrierEvents } from "./carrier.ts";
import type { PhoenixSocket, RoomSocket } from "./contract.ts";
import { guarded } from "./guarded.ts";
import { Link } from "./link.ts";
import { Listening } from "./listening.ts";
import { createPhoenixCarrier } from "./phoenix-carrier.ts";
import { createPlainCarrier } from "./plain-carrier.ts";
import { Rooms } from "./rooms.ts";
import type { ChannelOptions, Settings } from "./settings.ts";
import { createSocketIoCarrier } from "./socketio-carrier.ts";
import { ChannelState } from "./state.ts";

/** Where a Channel goes: an address, or a socket of the page's. */
export type ChannelTarget = string | RoomSocket | PhoenixSocket;

/** The room of a message, also as a keyword. */
export type RoomOption = string | { readonly room?: string | undefined } | null;

/** A value that changes: call it to read it. */
export interface Signal<Value> {
  (): Value;
  /** Hears each new value; the returned function stops that. */
  subscribe(listener: (value: Value) => void): () => void;
}

class SnakeCaseChannel extends Rooms {
  /** The address, read anew at each attempt, or the borrowed socket. */
  url: ChannelTarget;
  protected readonly carrier: Carrier;

  constructor(target: ChannelTarget, ...values: readonly unknown[]) {
    super(values);
    this.url = target;
    const { emitWithAck, channel } = target as Partial<RoomSocket & PhoenixSocket>;
    this.carrier = emitWithAck
      ? createSocketIoCarrier(this, target as RoomSocket)
      : channel
        ? createPhoenixCarrier(this, target as PhoenixSocket)
        : createPlainCarrier(this as typeof this & { readonly url: string });
  }

  /** Reads the state when called; `subscribe` hears its changes. */
  get state_signal(): Signal<ChannelState> {
    return this.#signal(() => this.state);
  }

  /** Like `state_signal`, in WebSocket's numbers. */
  get ready_state_signal(): Signal<number> {
    return this.#signal(() => this.ready_state);
  }

  /** The state in WebSocket's numbers: 0 connecting, 1 open, 2 closing, 3 closed. */
  get ready_state(): number {
    return Object.values<string>(ChannelState).indexOf(this.state);
  }

  /**
   * Sends a message. An object goes as JSON, bytes as bytes; without a room, text goes as it is.
   * In a room, text that is not a JSON object becomes `{message}`, other JSON values `{data}`.
   * `_room`, `_event` and `_id` are the wire's own keys: do not use them in a message.
   *
   * @returns once the message is handed to the connection, or queued, which takes `auto_reconnect`
   *   or a connection on its way. What the server refuses later goes to `on_error`
   * @throws ChannelMessageError if it can be neither (`not_connected`, `queue_full`), or is not JSON
   */
  send(message: unknown, room?: RoomOption): Promise<void> {
    const name = typeof room === "string" ? room : room?.room;
    return guarded(() => {
      const onAnswer = (answer: Answer): void => {
        if (answer.status !== "ok") this.refused(answer, name);
      };
      const send = this.carrier.prepare(name, "message", message, onAnswer, false);
      this.post({ room: name, send });
    }, name);
  }

  /** Sends a message to a room; see {@link send}. */
  send_to(room: string, message: unknown): Promise<void> {
    return this.send(message, room);
  }

  /**
   * Sends an event to a room, and waits for the answer.
   *
   * @param payload as for {@link send}
   * @returns the answer's response
   * @throws ChannelMessageError if it is refused, the connection is lost meanwhile
   *   (`connection_lost`), or nobody answers in time (`timeout`)
   */
  push(room: string, event: string, payload: unknown = {}): Promise<unknown> {
    return guarded(
      () =>
        this.ask(room, (onAnswer) => this.carrier.prepare(room, event, payload, onAnswer, true)),
      room,
    );
  }

  #signal<Value>(read: () => Value): Signal<Value> {
    const subscribe: Signal<Value>["subscribe"] = (listener) => {
      const watcher = this.listen("state", () => listener(read()));
      return () => this.unlisten("state", watcher);
    };
    return Object.assign(read, { subscribe });
  }
}

type Public = Omit<SnakeCaseChannel, keyof CarrierEvents>;

/**
 * A client of rooms.
 *
 * Every member with an underscore has a twin in camel case: `get_rooms` and `getRooms`. A promise
 * that nobody waits for fails without a word: await it, or hear `on_error`.
 *
 * @example
 * const channel = new Channel("ws://localhost:2347/ws", { autoReconnect: true });
 * channel.onRoomMessage("lobby", (message) => console.log(message));
 * await channel.connect();
 * await channel.join("lobby");
 * await channel.sendTo("lobby", { text: "hello" });
 */
export type Channel = Public & CamelCased<Omit<Public, keyof Settings>>;

/** See {@link Channel}. */
export interface ChannelClass {
  readonly prototype: Channel;
  /** @param target an address, or a socket of Socket.IO or phoenix.js that the page lends */
  new (target: ChannelTarget, options?: ChannelOptions): Channel;
  new (
    target: ChannelTarget,
    protocols?: string | string[] | null,
    auto_reconnect?: boolean,
    reconnect_delay?: number,
    max_reconnect_attempts?: number | null,
  ): Channel;
}

for (const { prototype } of [Listening, Link, Rooms, SnakeCaseChannel]) {
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    Object.defineProperty(prototype, camelCase(name), member);
  }
}

export const Channel = SnakeCaseChannel as unknown as ChannelClass;

import type { Socket } from "socket.io";
import type { Adapter } from "socket.io-adapter";
import { Decoder, Encoder, type Packet } from "socket.io-parser";
import { mayBePrivate } from "../private-room.ts";
import type { Session } from "./dialect.ts";
import { encodeEntry, jsonTextIn, withoutPayload, withPayload } from "./json-packet.ts";
import type { Message } from "./message.ts";
import { eventOf, type OutgoingEvent } from "./outgoing-event.ts";

/** The part of a broadcast's options that says whom it is for. */
interface Audience {
  readonly rooms: ReadonlySet<string>;
  /** Rooms whose members are left out. */
  readonly except?: ReadonlySet<string>;
  readonly flags?: { readonly local?: boolean; readonly volatile?: boolean };
}
interface Packeted {
  readonly data?: unknown;
  readonly id?: unknown;
}
interface WatchedAdapter {
  apply: Apply;
  _encode(packet: Packet, options: unknown): unknown;
  broadcast: Broadcasting;
  readonly rooms: ReadonlyMap<string, ReadonlySet<string>>;
  readonly nsp: { readonly name: string; readonly sockets: ReadonlyMap<string, Socket> };
}
type Broadcasting = (packet: Packeted, audience: Audience) => void;
type Write = (socket: Socket) => void;
type Apply = (audience: Audience, callback: Write) => void;
type AdapterFactory = (namespace: unknown) => Adapter;

/** A broadcast on its way to this node's members. */
export class Broadcast {
  /** The event that it carries, if it carries one. */
  readonly event: OutgoingEvent | undefined;
  /** The Socket.IO rooms it is for. */
  readonly rooms: ReadonlySet<string>;
  readonly #encoded = new Map<string, Message | undefined>();
  /** What the last member got; members in a row mostly get the same. */
  #lastEncoding: string | undefined;
  #lastRoom: string | undefined;
  #last: Message | undefined;

  constructor(packet: Packet, rooms: ReadonlySet<string>) {
    this.event = eventOf(packet);
    this.rooms = rooms;
  }

  /** The message for a member in a room; it is encoded once for all sessions of an encoding. */
  messageFor(session: Session, room: string): Message | undefined {
    const encoding = session.encodingOf(room);
    if (encoding !== this.#lastEncoding || room !== this.#lastRoom) {
      this.#lastEncoding = encoding;
      this.#lastRoom = room;
      this.#last = this.#encodedFor(session, room, encoding);
    }
    return this.#last;
  }

  #encodedFor(session: Session, room: string, encoding: string): Message | undefined {
    const key = `${encoding} ${room}`;
    if (!this.#encoded.has(key) && this.event !== undefined) {
      const { name, payload, entry } = this.event;
      this.#encoded.set(key, session.encodeBroadcast(room, name, payload, entry));
    }
    return this.#encoded.get(key);
  }
}

/** Gives each member its own version of certain events. */
export interface Interceptor {
  /** Whether an event in a room is made for each member. */
  intercepts(room: string, event: string): boolean;
  /** The payload for one member, or undefined to keep the event from it. */
  intercept(
    socket: Socket,
    room: string,
    event: string,
    payload: unknown,
  ): { readonly payload: unknown } | undefined;
}

/** Takes broadcasts that belong into a room's log, and makes them anew from there. */
export interface Recorder {
  /** @returns whether it was taken; if not, it goes on */
  record(broadcast: { readonly packet: Packeted; readonly audience: Audience }): boolean;
}

/** The namespace of the rooms. */
const MAIN_NAMESPACE = "/";

/**
 * Knows the packet that Socket.IO is writing while it writes it.
 *
 * Socket.IO hands a connection encoded packets only. A foreign dialect needs the event itself, and
 * for a broadcast the rooms it is meant for. Socket.IO encodes a packet for one socket right before
 * it writes it, so the packet last encoded is the one being written. An adapter encodes a broadcast
 * and then applies it to its members, also one that came from another node.
 */
export class Outgoing {
  /** Makes members' own versions of events; set once the rooms are there. */
  interceptor: Interceptor | undefined;
  /** Takes what belongs into a log; set once the rooms are there. */
  recorder: Recorder | undefined;
  #latest: Packet | undefined;
  #encodedBroadcast: Packet | undefined;
  #broadcast: Broadcast | undefined;

  /** The packet last encoded: the one that is being written to a single socket. */
  get latest(): Packet | undefined {
    return this.#latest;
  }

  /** The broadcast that is being written, while it is. */
  get broadcast(): Broadcast | undefined {
    return this.#broadcast;
  }

  /** The default Socket.IO parser with an ear on it, for the server's `parser` option. */
  parser(): { Encoder: typeof Encoder; Decoder: typeof Decoder } {
    const remember = (packet: Packet): void => {
      this.#latest = packet;
    };
    class RememberingEncoder extends Encoder {
      override encode(packet: Packet) {
        const text = jsonTextIn(packet);
        const entry = text && encodeEntry(packet, text);
        if (entry !== undefined) {
          remember(packet);
          return [entry];
        }
        const encoded = super.encode(text === undefined ? packet : withoutPayload(packet));
        remember(packet);
        if (text === undefined) return encoded;
        return encoded.map((part) => withPayload(String(part), packet, text));
      }
    }
    return { Encoder: RememberingEncoder, Decoder };
  }

  /**
   * Wraps an adapter so that broadcasts are known while they are written.
   *
   * @returns a function that Socket.IO may call with `new`
   */
  wrapAdapter(create: AdapterFactory): (this: unknown, namespace: unknown) => Adapter {
    const watch = this.#watch.bind(this);
    return function wrapped(namespace) {
      const adapter = create(namespace);
      watch(adapter as unknown as WatchedAdapter);
      return adapter;
    };
  }

  #watch(adapter: WatchedAdapter): void {
    const broadcast = adapter.broadcast.bind(adapter);
    const encode = adapter._encode.bind(adapter);
    const apply = adapter.apply.bind(adapter);
    const members: Apply = (audience, write) => {
      const room = onlyRoomOf(audience);
      if (room === undefined) apply(audience, write);
      else applyToRoom(adapter, room, write);
    };
    const isMain = adapter.nsp.name === MAIN_NAMESPACE;
    adapter.broadcast = (packet, audience) => {
      if (isMain && this.recorder?.record({ packet, audience }) === true) return;
      nameRoom(packet, audience, adapter);
      broadcast(packet, audience);
    };
    adapter._encode = (packet, options) => {
      const encoded = encode(packet, options);
      this.#encodedBroadcast = packet;
      return encoded;
    };
    adapter.apply = (audience, callback) => {
      const packet = this.#encodedBroadcast;
      this.#encodedBroadcast = undefined;
      // Without a packet it is no broadcast: sockets are looked up, moved or disconnected.
      if (packet === undefined) apply(audience, callback);
      else this.#write(new Broadcast(packet, audience.rooms), audience, members, callback);
    };
  }

  #write(broadcast: Broadcast, audience: Audience, apply: Apply, write: Write): void {
    const outer = this.#broadcast;
    this.#broadcast = broadcast;
    try {
      apply(audience, this.#interceptedWrite(broadcast) ?? write);
    } finally {
      this.#broadcast = outer;
    }
  }

  #interceptedWrite({ event, rooms }: Broadcast): Write | undefined {
    const { interceptor } = this;
    const room = event?.room ?? (rooms.size === 1 ? [...rooms][0] : undefined);
    if (interceptor === undefined || event === undefined || room === undefined) return undefined;
    if (!interceptor.intercepts(room, event.name)) return undefined;
    return (socket) => {
      const outgoing = interceptor.intercept(socket, room, event.name, event.payload);
      if (outgoing !== undefined)
        socket.emit(event.name, outgoing.payload, event.entry ?? { room });
    };
  }
}

/**
 * Adds `{room}` to what server code emits with a payload alone, as `io.to("lobby").emit("hi", {})`:
 * a native client that is in several rooms could not tell whence it came.
 */
function nameRoom(
  packet: Packeted,
  { rooms }: Audience,
  { rooms: roomsHere, nsp }: WatchedAdapter,
): void {
  const [room, ...others] = rooms;
  if (room === undefined || others.length > 0) return;
  // A socket's private room is no room of anybody's. That of another node's socket has nobody here.
  if (nsp.sockets.has(room) || (mayBePrivate(room) && !roomsHere.has(room))) return;
  if (Array.isArray(packet.data) && packet.data.length === 2) packet.data.push({ room });
}

function onlyRoomOf({ rooms, except }: Audience): string | undefined {
  if (rooms.size !== 1 || (except?.size ?? 0) > 0) return undefined;
  const [room] = rooms;
  return room;
}

/**
 * What the base adapter does for one room without exceptions, but for its list of those met before:
 * nobody is met twice, and for a thousand members the list costs a twentieth of the broadcast.
 */
function applyToRoom({ rooms, nsp }: WatchedAdapter, room: string, write: Write): void {
  for (const id of rooms.get(room) ?? []) {
    const socket = nsp.sockets.get(id);
    if (socket !== undefined) write(socket);
  }
}

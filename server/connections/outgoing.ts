import type { Adapter } from "socket.io-adapter";
import { Decoder, Encoder, type Packet } from "socket.io-parser";
import type { Message } from "./message.ts";
import { eventOf, type OutgoingEvent } from "./outgoing-event.ts";

/** The part of a broadcast's options that says whom it is for. */
interface Audience {
  readonly rooms: ReadonlySet<string>;
}
interface Packeted {
  readonly data?: unknown;
}
interface WatchedAdapter {
  apply: Apply;
  broadcast: Broadcasting;
  readonly nsp: { readonly sockets: ReadonlyMap<string, unknown> };
}
type Broadcasting = (packet: Packeted, audience: Audience) => void;
type Apply = (audience: Audience, callback: (socket: unknown) => void) => void;
type AdapterFactory = (namespace: unknown) => Adapter;

/** A broadcast on its way to this node's members. */
export class Broadcast {
  /** The event that it carries, if it carries one. */
  readonly event: OutgoingEvent | undefined;
  /** The Socket.IO rooms it is for. */
  readonly rooms: ReadonlySet<string>;
  readonly #encoded = new Map<string, Message | undefined>();

  constructor(packet: Packet, rooms: ReadonlySet<string>) {
    this.event = eventOf(packet);
    this.rooms = rooms;
  }

  /** The message under `key`, made by `encode` the first time it is asked for. */
  encoded(key: string, encode: () => Message | undefined): Message | undefined {
    const known = this.#encoded.get(key);
    if (known !== undefined || this.#encoded.has(key)) return known;
    const message = encode();
    this.#encoded.set(key, message);
    return message;
  }
}

/**
 * Knows the packet that Socket.IO is writing while it writes it.
 *
 * Socket.IO hands a connection encoded packets only. A foreign dialect needs the event itself, and
 * for a broadcast the rooms it is meant for. Socket.IO encodes a packet right before it writes it,
 * to one socket or, through the adapter's `apply`, to many; so the packet last encoded is the one
 * being written. `apply` runs also for a broadcast that came from another node.
 */
export class Outgoing {
  #latest: Packet | undefined;
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
        const encoded = super.encode(packet);
        remember(packet);
        return encoded;
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
    const during = this.#during.bind(this);
    return function wrapped(namespace) {
      const adapter = create(namespace);
      const watched = adapter as unknown as WatchedAdapter;
      const apply = watched.apply.bind(adapter);
      const broadcast = watched.broadcast.bind(adapter);
      watched.broadcast = (packet, audience) => {
        nameRoom(packet, audience, watched.nsp.sockets);
        broadcast(packet, audience);
      };
      watched.apply = (audience, callback) => during(audience, () => apply(audience, callback));
      return adapter;
    };
  }

  #during(audience: Audience, write: () => void): void {
    const outer = this.#broadcast;
    if (this.#latest !== undefined) this.#broadcast = new Broadcast(this.#latest, audience.rooms);
    try {
      write();
    } finally {
      this.#broadcast = outer;
    }
  }
}

/**
 * Adds `{room}` to what server code emits with a payload alone, as `io.to("lobby").emit("hi", {})`:
 * a native client that is in several rooms could not tell whence it came.
 */
function nameRoom(
  packet: Packeted,
  { rooms }: Audience,
  sockets: ReadonlyMap<string, unknown>,
): void {
  const [room, ...others] = rooms;
  // A socket's private room is no room of anybody's.
  if (room === undefined || others.length > 0 || sockets.has(room)) return;
  if (Array.isArray(packet.data) && packet.data.length === 2) packet.data.push({ room });
}

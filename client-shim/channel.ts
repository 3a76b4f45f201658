import { type CamelCased, camelCase } from "./camel-case.ts";
import type { PhoenixSocket, RoomSocket } from "./contract.ts";
import type { Core } from "./core.ts";
import { addLink, type Link } from "./link.ts";
import { addListening, type Listening } from "./listening.ts";
import { addOutbox, type Outbox } from "./outbox.ts";
import { createPhoenixCarrier } from "./phoenix-carrier.ts";
import { createPlainCarrier } from "./plain-carrier.ts";
import { addRooms, type Rooms } from "./rooms.ts";
import { addSettings, type ChannelOptions, type ChannelSettings } from "./settings.ts";
import { addSignals, type Signals } from "./signals.ts";
import { createSocketIoCarrier } from "./socketio-carrier.ts";

/** Where a Channel goes: an address, or a socket of the page's. */
export type ChannelTarget = string | RoomSocket | PhoenixSocket;

interface Members extends Listening, Link, Outbox, Rooms, Signals {}

/**
 * A client of rooms.
 *
 * Every method and property with an underscore has a twin in camel case: `get_rooms` and
 * `getRooms`. A promise that nobody waits for fails without a word: await it.
 *
 * @example
 * const channel = new Channel("ws://localhost:2347/ws", { autoReconnect: true });
 * channel.onRoomMessage("lobby", (message) => console.log(message));
 * await channel.connect();
 * await channel.join("lobby");
 * await channel.sendTo("lobby", { text: "hello" });
 */
export interface Channel extends ChannelSettings, Members, CamelCased<Members> {
  /** The address, read anew at each attempt, or the borrowed socket. */
  url: ChannelTarget;
}

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

/** See {@link Channel}. */
export const Channel = class {
  constructor(target: ChannelTarget, ...values: readonly unknown[]) {
    const core = this as unknown as Core;
    core.url = target;
    addSettings(core, values);
    addListening(core);
    addLink(core);
    addOutbox(core);
    addRooms(core);
    addSignals(core);
    const { emitWithAck, channel } = target as Partial<RoomSocket & PhoenixSocket>;
    core.carrier = emitWithAck
      ? createSocketIoCarrier(core, target as RoomSocket)
      : channel
        ? createPhoenixCarrier(core, target as PhoenixSocket)
        : createPlainCarrier(core);
    const members = core as unknown as Record<string, unknown>;
    for (const [name, member] of Object.entries(members)) {
      if (typeof member === "function") members[camelCase(name)] = member;
    }
  }
} as unknown as ChannelClass;

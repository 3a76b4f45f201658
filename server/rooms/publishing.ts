import type { Server } from "socket.io";
import type { RefusalCode } from "../codes.ts";
import { after, type Eventual } from "../eventual.ts";
import { connectionRoom } from "./connection-room.ts";
import { loggable } from "./log/entry.ts";
import type { RoomLogs } from "./log/room-logs.ts";
import { unloggedCode } from "./log/unlogged-code.ts";
import { findNamedRoom, type RoomNames } from "./named-room.ts";
import { eventNameProblem, isEventName } from "./names.ts";

/** What a program that is no member sends into a room. */
export interface Publication {
  readonly room: unknown;
  readonly event: unknown;
  /** A JSON value, a `JsonText`, or bytes. */
  readonly payload: unknown;
  /** Who is left out: names of connections, or ids of members as the reply to a join has them. */
  readonly except: readonly string[];
}

/** What became of a {@link Publication}. */
export type Published =
  | {
      readonly ok: true;
      readonly room: string;
      readonly event: string;
      /** Members on this node that it was sent to. */
      readonly members: number;
      /** Its number in the room's log, where the room keeps one. */
      readonly offset?: number;
    }
  | { readonly ok: false; readonly code: RefusalCode };

/**
 * Sends something into a room, to members on every node. Backends are not told.
 *
 * @param mayPublish whether the sender may publish in the room of this name
 */
export type Publish = (
  publication: Publication,
  mayPublish: (room: string) => boolean,
) => Eventual<Published>;

/** What publishing needs of its surroundings. */
export interface PublishingContext {
  readonly io: Server;
  readonly rooms: RoomNames & { readonly logs: RoomLogs };
}

/** Makes the function that sends into rooms for programs that are no members. */
export function createPublish({ io, rooms }: PublishingContext): Publish {
  return ({ room: asked, event, payload, except }, mayPublish) => {
    const named = findNamedRoom(rooms, asked);
    if (!named.ok) return named;
    const { name, room } = named;
    // A sender may publish in a room under either of its names.
    if (!mayPublish(room) && !mayPublish(name)) return { ok: false, code: "room_forbidden" };
    if (!isEventName(event)) return { ok: false, code: eventNameProblem(event) };
    const leftOut = except.map(connectionRoom);
    const members = countMembers(io, room, leftOut);
    const published = { ok: true, room: name, event, members } as const;
    const kept = rooms.logs.keeps(room) ? loggable(payload) : undefined;
    if (kept === undefined) {
      io.to(room).except(leftOut).emit(event, payload, { room });
      return published;
    }
    return after(rooms.logs.append(room, { event, payload: kept }, leftOut), (appended) =>
      appended.ok
        ? { ...published, offset: appended.offset }
        : { ok: false, code: unloggedCode(appended.reason) },
    );
  };
}

function countMembers(io: Server, room: string, leftOut: readonly string[]): number {
  const { rooms } = io.sockets.adapter;
  const members = rooms.get(room) ?? new Set<string>();
  const absent = new Set<string>();
  for (const name of leftOut) {
    for (const id of rooms.get(name) ?? []) if (members.has(id)) absent.add(id);
  }
  return members.size - absent.size;
}

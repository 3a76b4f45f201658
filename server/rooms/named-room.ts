import type { RefusalCode } from "../codes.ts";
import { isRoomName, roomNameProblem } from "./names.ts";

/** A room under the name that somebody has for it, or why it has none. */
export type NamedRoom =
  | { readonly ok: true; readonly name: string; readonly room: string }
  | { readonly ok: false; readonly code: RefusalCode };

/** What finding a room needs to know of all rooms. */
export interface RoomNames {
  /** The room that a name stands for. */
  roomOf(name: string): string;
  /** Whether a room is nobody's to name. */
  isPrivate(room: string): boolean;
}

/** Finds the room that a client or a program names, by any of its names. */
export function findNamedRoom(rooms: RoomNames, name: unknown): NamedRoom {
  if (!isRoomName(name)) return { ok: false, code: roomNameProblem(name) };
  const room = rooms.roomOf(name);
  if (!isRoomName(room)) return { ok: false, code: roomNameProblem(room) };
  return rooms.isPrivate(room) ? { ok: false, code: "room_forbidden" } : { ok: true, name, room };
}

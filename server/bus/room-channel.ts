import { mayBePrivate } from "../private-room.ts";

/** A broadcast to more rooms than this concerns nearly every node, and names all of them each time. */
const MAX_CHANNELS = 64;

/**
 * Whether broadcasts to a room have a channel of their own between the nodes. Of a room that may be
 * one socket's alone they have not: to listen to one channel a socket would cost more than it saves.
 */
export function hasOwnChannel(room: string): boolean {
  return !mayBePrivate(room);
}

/**
 * Whether a broadcast goes out on the channel of each of its rooms, so that only nodes with members
 * of them get it. One to all rooms (an empty list), to one socket or to very many rooms goes out
 * once, on the channel that all nodes hear.
 */
export function goesByRoom(rooms: readonly string[]): boolean {
  return rooms.length > 0 && rooms.length <= MAX_CHANNELS && rooms.every(hasOwnChannel);
}

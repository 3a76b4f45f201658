/** Socket.IO's ids of sockets: each is a room of its own. */
const SOCKET_ID = /^[A-Za-z0-9_-]{20}$/;
/** Rooms that are no client's to name, such as those of one connection. */
const INNER_PREFIX = "\u0000";
/** A broadcast to more rooms than this concerns nearly every node, and names all of them each time. */
const MAX_CHANNELS = 64;

/** Whether a room is no client's to name. */
export function isInner(room: string): boolean {
  return room.startsWith(INNER_PREFIX);
}

/**
 * Whether broadcasts to a room have a channel of their own between the nodes. Of a room that may be
 * one socket's alone they have not: to listen to one channel a socket would cost more than it saves.
 */
export function hasOwnChannel(room: string): boolean {
  return !SOCKET_ID.test(room) && !isInner(room);
}

/**
 * Whether a broadcast goes out on the channel of each of its rooms, so that only nodes with members
 * of them get it. One to all rooms (an empty list), to one socket or to very many rooms goes out
 * once, on the channel that all nodes hear.
 */
export function goesByRoom(rooms: readonly string[]): boolean {
  return rooms.length > 0 && rooms.length <= MAX_CHANNELS && rooms.every(hasOwnChannel);
}

/** Socket.IO's ids of sockets: each is a room of its own. */
const SOCKET_ID = /^[A-Za-z0-9_-]{20}$/;
/** Rooms that are no client's to name, such as those of one connection. */
const INNER_PREFIX = "\u0000";

/**
 * Whether broadcasts to a room have a channel of their own between the nodes. Of a room that may be
 * one socket's alone they have not: to listen to one channel a socket would cost more than it saves.
 */
export function hasOwnChannel(room: string): boolean {
  return !SOCKET_ID.test(room) && !room.startsWith(INNER_PREFIX);
}

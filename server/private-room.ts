/** Socket.IO's ids of sockets: each is a room of its own. */
const SOCKET_ID = /^[A-Za-z0-9_-]{20}$/;
/** Rooms that are no client's to name, such as those of one connection. */
const INNER_PREFIX = "\u0000";

/** Whether a room is one of the server's own, which nobody can name. */
export function isInner(room: string): boolean {
  return room.startsWith(INNER_PREFIX);
}

/**
 * Whether a room may be the private one of a socket, by its name alone. Of the sockets of other
 * nodes, and of those that are gone, nothing else is known.
 */
export function mayBePrivate(room: string): boolean {
  return SOCKET_ID.test(room) || isInner(room);
}

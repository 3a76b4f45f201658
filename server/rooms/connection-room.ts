/** No client can name such a room: a room's name has no control characters. */
const PREFIX = "\u0000connection:";

/**
 * The Socket.IO room that a connection is alone in, by its public name. It is there so that a
 * broadcast can leave the connection out on whichever node it is.
 *
 * @param name the connection's name, or the id of one of its members, which begins with it
 */
export function connectionRoom(name: string): string {
  const [connection = ""] = name.split(":", 1);
  return PREFIX + connection;
}

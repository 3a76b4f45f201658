import querystring from "node:querystring";
import { SOCKET_IO_PATH } from "../connections/socket-io.ts";
import type { Addresses } from "../connections/upgrades.ts";
import type { Rooms } from "../rooms/rooms.ts";

/** Paths that belong to a node at an application's server, besides its dialects'. */
const ATTACHED_PATHS: ReadonlySet<string> = new Set(["/token", "/publish", "/health", "/ready"]);

const COLONIES_PATHS: ReadonlySet<string> = new Set(["/api", "/pubsub"]);

/** A room's log, who is in it, or its events. */
const ROOM_PATH = /^\/rooms\/([^/]+)\/(log|presence|events)$/;

/**
 * Makes the test of which paths are ours at an application's server. ColonyOS's are where the
 * settings speak of it, and a log is where its room keeps one.
 */
export function createPathTest(
  addresses: Addresses,
  rooms: Rooms,
  hasColonies: boolean,
): (path: string) => boolean {
  const isAddress = (path: string): boolean =>
    COLONIES_PATHS.has(path)
      ? hasColonies
      : addresses.has(path) || addresses.has(path.replace(/longpoll(?=\/?$)/, "websocket"));
  return (path: string): boolean => {
    if (path.startsWith(SOCKET_IO_PATH) || ATTACHED_PATHS.has(path) || isAddress(path)) return true;
    const [, name, what] = ROOM_PATH.exec(path) ?? [];
    if (name === undefined) return false;
    const room = rooms.roomOf(querystring.unescape(name));
    if (what === "log") return rooms.logs.keeps(room);
    const channel = rooms.channels.of(room);
    return what === "events" ? channel !== undefined : channel?.visit !== undefined;
  };
}

import type { Dialect } from "../../connections/dialect.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import { serializerV2 } from "./serializer-v2.ts";
import { PhoenixSession } from "./session.ts";

/** phoenix.js and every other client of Phoenix Channels, serializer V2. */
export function createPhoenixDialect(rooms: Rooms): Dialect {
  return {
    name: "phoenix",
    claims: (first) => typeof first === "string" && first.trimStart().startsWith("["),
    open: (connection, socket) => new PhoenixSession(serializerV2, connection, socket, rooms),
  };
}

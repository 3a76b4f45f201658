import type { Dialect } from "../../connections/dialect.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import { hasTopic } from "./codec-v1.ts";
import type { Serializer } from "./serializer.ts";
import { serializerV1 } from "./serializer-v1.ts";
import { serializerV2, serializerV2Text } from "./serializer-v2.ts";
import { PhoenixSession } from "./session.ts";

/** The versions of Phoenix's wire, each a dialect that its clients' first frame shows. */
export interface PhoenixDialects {
  /** `vsn` 1.0.x: a frame is an object with a `topic`. */
  readonly v1: Dialect;
  /** `vsn` 2.0.x: a frame is an array. */
  readonly v2: Dialect;
}

/** phoenix.js and every other client of Phoenix Channels. */
export function createPhoenixDialects(rooms: Rooms): PhoenixDialects {
  const open = (serializer: Serializer, textSerializer: Serializer): Dialect["open"] => {
    return (connection, socket) => {
      const fitting = connection.carriesBytes ? serializer : textSerializer;
      return new PhoenixSession(fitting, connection, socket, rooms);
    };
  };
  return {
    v1: { name: "phoenix", claims: hasTopic, open: open(serializerV1, serializerV1) },
    v2: { name: "phoenix", claims: isArray, open: open(serializerV2, serializerV2Text) },
  };
}

function isArray(first: string | Buffer): boolean {
  return typeof first === "string" && first.trimStart().startsWith("[");
}

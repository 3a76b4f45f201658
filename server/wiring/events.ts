import { connectionToken } from "../auth/connection-token.ts";
import type { Engine } from "../connections/engine.ts";
import { EventStream } from "../connections/event-stream.ts";
import { createEventsEntrance } from "../dialects/events/addresses.ts";
import { encodeClose, encodeLater } from "../dialects/events/codec.ts";
import type { RoomEvents } from "../http/context.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Base } from "./base.ts";
import type { Doors } from "./doors.ts";

/** The way in for clients that follow a room's events. */
export function createEventsDoor(
  { clock, log }: Base,
  { gate, onRefused }: Doors,
  rooms: Rooms,
  engine: Engine,
): RoomEvents {
  const streams = new EventStream({
    engine,
    enter: createEventsEntrance({ gate, rooms, tokenOf: connectionToken }),
    farewell: encodeClose,
    onRefused,
    onCrash: (error) => log.error({ err: error }, "connecting crashed"),
    clock,
  });
  return { open: (...request) => streams.open(...request), later: encodeLater };
}

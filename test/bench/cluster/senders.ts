import { encodeClientFrame } from "../clients/client-frame.ts";
import { EVENT, PAYLOAD } from "../load.ts";
import type { BenchRedis } from "./redis.ts";
import type { SeatedRoom } from "./seats.ts";

/** Who sends a room's messages. */
export type Source = "backend" | "member";

/** Sends one message into a room. */
export type Send = () => void;

/** Makes a function for each room that sends a message into it. */
export function sendersOf(
  source: Source,
  redis: BenchRedis,
  rooms: readonly SeatedRoom[],
): readonly Send[] {
  return rooms.map((seated, index) =>
    source === "backend" ? backendOf(redis, seated) : pusherOf(seated, index),
  );
}

function backendOf({ client }: BenchRedis, { room }: SeatedRoom): Send {
  const channel = `to:${room.name}:${EVENT}`;
  const text = JSON.stringify(PAYLOAD);
  return () => {
    room.note();
    client.publish(channel, text).catch(failLater);
  };
}

/** One member of the room; which one, and so on which node, differs from room to room. */
function pusherOf({ room, members }: SeatedRoom, index: number): Send {
  const pusher = members[index % members.length];
  const frame = encodeClientFrame(JSON.stringify(["1", "2", room.name, EVENT, PAYLOAD]));
  return () => {
    room.note();
    pusher?.send(frame);
  };
}

/** Outside of the promise, where nobody would see it. */
function failLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

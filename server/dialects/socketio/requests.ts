import type { Socket } from "socket.io";
import { type Reply, refuse } from "../../rooms/reply.ts";
import { isAnyMembership, type Rooms } from "../../rooms/rooms.ts";

/**
 * Serves one native Socket.IO client: `join(room, params, ack)`, `leave(room, ack)` and
 * `push(room, event, payload, ack)`. An acknowledgement may be left out.
 *
 * Other events are the application's. One that nobody listens to is answered with a refusal where
 * it asks for an acknowledgement.
 */
export function serveSocketIo(socket: Socket, rooms: Rooms): void {
  socket.on("join", (...args: unknown[]) => {
    const { values, answer } = readArguments(args);
    const [room, params] = values;
    rooms.join(socket, room, { params, ref: undefined }, answer);
  });
  socket.on("leave", (...args: unknown[]) => {
    const { values, answer } = readArguments(args);
    rooms.leave(socket, values[0], isAnyMembership, answer);
  });
  socket.on("push", (...args: unknown[]) => {
    const { values, answer } = readArguments(args);
    const [room, event, payload = {}] = values;
    rooms.push(socket, room, event, payload, isAnyMembership, answer);
  });
  socket.onAny((event: string, ...args: unknown[]) => {
    if (socket.listenerCount(event) === 0) readArguments(args).answer(refuse("event_unknown"));
  });
}

interface Arguments {
  readonly values: readonly unknown[];
  readonly answer: (reply: Reply) => void;
}

/** Splits an event's arguments from the acknowledgement that Socket.IO appends. */
function readArguments(args: readonly unknown[]): Arguments {
  const last = args.at(-1);
  if (!isAcknowledgement(last)) return { values: args, answer: () => {} };
  return { values: args.slice(0, -1), answer: (reply) => last(reply) };
}

function isAcknowledgement(value: unknown): value is (reply: Reply) => void {
  return typeof value === "function";
}

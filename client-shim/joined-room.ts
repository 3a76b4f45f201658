import type { Refused, Reply, RoomMeta, RoomSocket } from "./contract.ts";

/** A join, leave or push that the server refused. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** Stable name of the reason. */
  readonly code: string;

  constructor({ reason, code }: Refused["response"]) {
    super(reason);
    this.code = code;
  }
}

/** A room that a Socket.IO socket is in. */
export interface JoinedRoom {
  readonly room: string;
  /**
   * Sends an event into the room.
   *
   * @returns the reply's response
   * @throws RefusedError if the server refuses
   */
  push(event: string, payload?: unknown): Promise<unknown>;
  /** Hears an event of this room; the returned function stops it. */
  on(event: string, listener: (payload: unknown) => void): () => void;
  /** Leaves the room and stops all its listeners. */
  leave(): Promise<void>;
}

/**
 * Joins a room over a Socket.IO socket.
 *
 * @param params of the join, such as `{token}` or `{meta}`
 * @throws RefusedError if the server refuses
 *
 * @example
 * const lobby = await joinRoom(io("http://localhost:2347"), "lobby");
 * lobby.on("message", (payload) => console.log(payload));
 * await lobby.push("message", { text: "hello" });
 */
export async function joinRoom(
  socket: RoomSocket,
  room: string,
  params: object = {},
): Promise<JoinedRoom> {
  await request(socket, "join", room, params);
  const stops = new Set<() => void>();
  return {
    room,
    push: (event, payload = {}) => request(socket, "push", room, event, payload),
    on: (event, listener) => {
      const filter = (payload: unknown, meta: unknown): void => {
        if (isMetaOf(meta, room)) listener(payload);
      };
      socket.on(event, filter);
      const stop = (): void => {
        socket.off(event, filter);
        stops.delete(stop);
      };
      stops.add(stop);
      return stop;
    },
    leave: async () => {
      for (const stop of stops) stop();
      await request(socket, "leave", room);
    },
  };
}

async function request(socket: RoomSocket, name: string, ...args: unknown[]): Promise<unknown> {
  const reply = (await socket.emitWithAck(name, ...args)) as Reply;
  if (reply.status === "error") throw new RefusedError(reply.response);
  return reply.response;
}

function isMetaOf(meta: unknown, room: string): meta is RoomMeta {
  return typeof meta === "object" && meta !== null && "room" in meta && meta.room === room;
}

/** The answer to a join, a leave or a push. */
export type Reply<Response = unknown> =
  | { readonly status: "ok"; readonly response: Response }
  | Refused;

/** A refusal: text for people, and a stable code for programs. */
export interface Refused {
  readonly status: "error";
  readonly response: { readonly reason: string; readonly code: string };
}

/** What comes with each event of a room. */
export interface RoomMeta {
  readonly room: string;
}

/** What a native Socket.IO client may send. */
export interface ClientToServerEvents {
  join: (room: string, params: unknown, ack: (reply: Reply) => void) => void;
  leave: (room: string, ack: (reply: Reply) => void) => void;
  push: (room: string, event: string, payload: unknown, ack: (reply: Reply) => void) => void;
}

/** What a native Socket.IO client gets: any event, with its payload and its room. */
export type ServerToClientEvents = Record<string, (payload: unknown, meta: RoomMeta) => void>;

/**
 * The part of a Socket.IO client socket that rooms need.
 *
 * @example
 * const socket: RoomSocket = io("http://localhost:2347");
 */
export interface RoomSocket {
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

import type { Socket } from "socket.io";
import type { EntryMeta } from "../entry-meta.ts";
import type { Connection } from "./connection.ts";
import type { Message } from "./message.ts";

/** One client's side of its dialect. */
export interface Session {
  /**
   * Whose signs of life keep the connection: the client's own, such as Phoenix's heartbeats, or its
   * answers to the server's pings. Without any for `limits.idleTimeoutMs` it is closed.
   */
  readonly keepAlive: "client" | "server";
  /** Handles one message of the client. What it throws ends the connection with 1011. */
  receive(data: string | Buffer): void;
  /**
   * Name of the encoding of a room's broadcasts. Connections with the same one get the same bytes,
   * which are therefore made once.
   */
  encodingOf(room: string): string;
  /**
   * Encodes an event for all members of a room, or undefined where the dialect cannot say it.
   * The result may depend on nothing but the arguments and {@link encodingOf} the room.
   *
   * @param entry what the room's log says of it; undefined where it is in none
   */
  encodeBroadcast(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined;
  /** Encodes an event for this member alone, or undefined where the dialect cannot say it. */
  encodePush(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined;
}

/** A wire language: recognises its clients and opens a session for each. */
export interface Dialect {
  readonly name: string;
  /** Whether the first message of a client that has not said what it speaks is of this dialect. */
  claims(first: string | Buffer): boolean;
  /** Starts talking. The socket is connected; its rooms are empty. */
  open(connection: Connection, socket: Socket): Session;
}

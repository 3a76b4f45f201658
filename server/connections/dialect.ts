import type { Socket } from "socket.io";
import type { Connection } from "./connection.ts";
import type { Message } from "./message.ts";

/** How long a dialect's connection may be silent, and what to say when it was. */
export interface Session {
  /**
   * Name of the encoding. Connections with the same one get the same bytes of a broadcast, which
   * is therefore encoded once.
   */
  readonly encoding: string;
  /** Whether silence for `limits.idleTimeoutMs` ends the connection. */
  readonly closesWhenIdle: boolean;
  /** Handles one message of the client. What it throws ends the connection with 1011. */
  receive(data: string | Buffer): void;
  /**
   * Encodes an event for all members of a room, or undefined where the dialect cannot say it.
   * The result may depend on nothing but the arguments and {@link encoding}.
   */
  encodeBroadcast(room: string, event: string, payload: unknown): Message | undefined;
  /** Encodes an event for this member alone, or undefined where the dialect cannot say it. */
  encodePush(room: string, event: string, payload: unknown): Message | undefined;
}

/** A wire language: recognises its clients and opens a session for each. */
export interface Dialect {
  readonly name: string;
  /** Whether the first message of a client that has not said what it speaks is of this dialect. */
  claims(first: string | Buffer): boolean;
  /** Starts talking. The socket is connected; its rooms are empty. */
  open(connection: Connection, socket: Socket): Session;
}

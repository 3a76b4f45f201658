import type { CloseInfo } from "./websocket.ts";

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
 * The part of a Socket.IO client's socket that a Channel needs.
 *
 * @example
 * const socket: RoomSocket = io("http://localhost:2347");
 */
export interface RoomSocket {
  readonly connected: boolean;
  /** Whether the library goes on by itself after a failure. */
  readonly active: boolean;
  connect(): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  onAny(listener: (...args: unknown[]) => void): unknown;
  offAny(listener: (...args: unknown[]) => void): unknown;
}

/** The part of phoenix.js's Socket that a Channel needs. */
export interface PhoenixSocket {
  channel(topic: string, params?: object | (() => object)): PhoenixChannel;
  isConnected(): boolean;
  connect(): void;
  onOpen(listener: () => void): string;
  onClose(listener: (event: CloseInfo) => void): string;
  off(refs: string[]): void;
}

/** The part of phoenix.js's Channel that a Channel needs. */
export interface PhoenixChannel {
  readonly state: string;
  join(): PhoenixPush;
  leave(): PhoenixPush;
  push(event: string, payload: object): PhoenixPush;
  onMessage(event: string, payload: unknown, ref: unknown): unknown;
}

/** The part of phoenix.js's Push that a Channel needs. */
export interface PhoenixPush {
  receive(status: "ok" | "error" | "timeout", listener: (response: unknown) => void): unknown;
}

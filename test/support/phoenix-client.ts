import { type Channel, Socket } from "phoenix";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { within } from "./until.ts";

/** Options of phoenix.js that its published types lack. */
interface PhoenixOptions {
  readonly params?: object;
  readonly authToken?: string;
  readonly transport?: unknown;
  readonly vsn?: string;
  readonly encode?: (message: { readonly topic: string }, send: (text: string) => void) => void;
  readonly decode?: (text: string, receive: (message: unknown) => void) => void;
  readonly reconnectAfterMs?: () => number;
  readonly rejoinAfterMs?: () => number;
}

/** How phoenix.js was answered. */
export interface PhoenixReply {
  readonly status: "ok" | "error" | "timeout";
  readonly response: unknown;
}

/**
 * Connects phoenix.js.
 *
 * @param url as for `new Socket(url)`: phoenix.js appends `/websocket`
 */
export function connectPhoenix(url: string, options: PhoenixOptions = {}): Socket {
  const transport = { transport: WebSocket as never };
  const socket = new Socket(url, { ...transport, ...options } as never);
  socket.connect();
  onTestFinished(() => socket.disconnect());
  return socket;
}

/** Joins, and resolves with whatever the answer is. */
export function joinPhoenix(channel: Channel): Promise<PhoenixReply> {
  return settle(channel.join());
}

/** Pushes, and resolves with whatever the answer is. */
export function pushPhoenix(
  channel: Channel,
  event: string,
  payload: object = {},
): Promise<PhoenixReply> {
  return settle(channel.push(event, payload));
}

/** Leaves, and resolves with whatever the answer is. */
export function leavePhoenix(channel: Channel): Promise<PhoenixReply> {
  return settle(channel.leave());
}

/** Resolves with whatever the answer to a request is. */
export function settle(push: ReturnType<Channel["join"]>): Promise<PhoenixReply> {
  const reply = new Promise<PhoenixReply>((resolve) => {
    for (const status of ["ok", "error", "timeout"] as const) {
      push.receive(status, (response: unknown) => resolve({ status, response }));
    }
  });
  return within("a reply to phoenix.js", reply, 12_000);
}

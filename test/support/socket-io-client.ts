import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { onTestFinished } from "vitest";
import type { Reply } from "../../server/index.ts";
import { within } from "./until.ts";

/** Connects socket.io-client, over WebSocket unless told otherwise. */
export async function connectSocketIo(
  url: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<Socket> {
  const socket = io(url, { transports: ["websocket"], forceNew: true, ...options });
  onTestFinished(() => void socket.disconnect());
  const connected = new Promise<void>((resolve, reject) => {
    socket.on("connect", resolve);
    socket.on("connect_error", reject);
  });
  await within("Socket.IO to connect", connected);
  return socket;
}

/** Sends one of the room contract's requests and resolves with its acknowledgement. */
export function ask(socket: Socket, request: string, ...args: unknown[]): Promise<Reply> {
  return within(`an answer to ${request}`, socket.emitWithAck(request, ...args) as Promise<Reply>);
}

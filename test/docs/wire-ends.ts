import { once } from "node:events";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { WireEnd } from "./wire-example.ts";

/** Connects a WebSocket, and keeps the texts that come, the first one too. */
export async function connectWireEnd(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireEnd> {
  const webSocket = new WebSocket(url, { headers: { ...headers } });
  onTestFinished(() => webSocket.terminate());
  const frames: string[] = [];
  webSocket.on("message", (data: Buffer) => void frames.push(data.toString()));
  await once(webSocket, "open");
  return { frames, send: (text) => webSocket.send(text) };
}

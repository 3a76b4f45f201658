import { openLongPoll } from "./long-poll-client.ts";
import { connectRaw, type RawClient } from "./raw-client.ts";
import type { TestServer } from "./server.ts";
import { until } from "./until.ts";

/** A frame in V2's order, whatever the wire: `[join_ref, ref, topic, event, payload]`. */
export type Frame = readonly [unknown, unknown, unknown, unknown, unknown];

/** A way to speak Phoenix to a server. */
export type WireName = "v1" | "v2" | "long-poll";

/** A connected client, with frames that look the same on every wire. */
export interface Wire {
  send(...frames: readonly Frame[]): Promise<void>;
  /** The next frame. V1 has no join_ref: it is null there. */
  next(): Promise<Frame>;
  /** Resolves when the server has ended the connection. */
  ended(): Promise<void>;
}

/** The wires on which every scenario must come out alike. */
export const wireNames: readonly WireName[] = ["v1", "v2", "long-poll"];

/** Connects over a wire. */
export function connectWire(
  name: WireName,
  server: TestServer,
  query: Record<string, string> = {},
): Promise<Wire> {
  const parameters = (vsn: string): string => new URLSearchParams({ ...query, vsn }).toString();
  if (name === "v1") return connectV1(`${server.wsUrl}/socket/websocket?${parameters("1.0.0")}`);
  if (name === "v2") return connectV2(`${server.wsUrl}/socket/websocket?${parameters("2.0.0")}`);
  return connectLongPoll(`${server.url}/socket/longpoll?${parameters("2.0.0")}`);
}

/** What a wire shows of a join_ref. */
export function seenRef(name: WireName, joinRef: unknown): unknown {
  return name === "v1" ? null : joinRef;
}

async function connectV1(url: string): Promise<Wire> {
  const client = await connectRaw(url);
  return {
    send: async (...frames) => {
      for (const [join_ref, ref, topic, event, payload] of frames) {
        client.send({ join_ref, ref, topic, event, payload });
      }
    },
    next: async () => fromV1(await client.next()),
    ended: () => endOf(client),
  };
}

async function connectV2(url: string): Promise<Wire> {
  const client = await connectRaw(url);
  return {
    send: async (...frames) => {
      for (const frame of frames) client.send(frame);
    },
    next: async () => fromV2(await client.next()),
    ended: () => endOf(client),
  };
}

async function connectLongPoll(url: string): Promise<Wire> {
  const client = await openLongPoll(url);
  const frames: unknown[] = [];
  return {
    send: async (...sent) => {
      await client.postLines(...sent.map((frame) => JSON.stringify(frame)));
    },
    next: async () => {
      while (frames.length === 0) frames.push(...(await client.frames()));
      return fromV2(frames.shift());
    },
    ended: async () => {
      await until("410", async () => (await client.postLines()).status === 410);
    },
  };
}

async function endOf(client: RawClient): Promise<void> {
  await client.end();
}

function fromV1(message: unknown): Frame {
  if (typeof message !== "object" || message === null || Buffer.isBuffer(message)) {
    throw new Error("not an object");
  }
  const keys = Object.keys(message).join();
  if (keys !== "topic,event,payload,ref") throw new Error(`not a V1 frame: ${keys}`);
  const { topic, event, payload, ref } = message as Record<
    "topic" | "event" | "payload" | "ref",
    unknown
  >;
  return [null, ref, topic, event, payload];
}

function fromV2(message: unknown): Frame {
  if (!Array.isArray(message) || message.length !== 5) throw new Error("not a V2 frame");
  const [joinRef, ref, topic, event, payload]: unknown[] = message;
  return [joinRef, ref, topic, event, payload];
}

import { expect } from "vitest";
import { type Message, seal } from "../../../examples/colonies-stream/colonies-client/envelope.ts";
import {
  ColoniesClient,
  deriveId,
  generatePrivateKey,
  type Process,
} from "../../../examples/colonies-stream/colonies-client/index.ts";
import type { CommonroomOptions } from "../../../server/index.ts";
import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const COLONY = "my-colony";
export const CHANNELS = ["chat", "output"];
export const TO_CHANNEL = "Failed to subscribe to channel";
export const TO_PROCESS = "Failed to subscribe to process";
export const UNKNOWN = "f".repeat(64);

/** The private keys of those who take part. */
export const keys = {
  owner: generatePrivateKey(),
  user: generatePrivateKey(),
  otherUser: generatePrivateKey(),
  executor: generatePrivateKey(),
  stranger: generatePrivateKey(),
};

/** A frame, opened. */
export interface Frame {
  readonly type: string;
  readonly isError: boolean;
  readonly inner: unknown;
}

/** An entry as it travels. */
export interface SentEntry {
  readonly sequence: number;
  readonly payload: string;
  readonly senderid: string;
}

/** Starts a node with a colony, its two users and its executor. */
export function startNode(
  options: CommonroomOptions = {},
  colonies: CommonroomOptions["colonies"] = {},
): Promise<TestServer> {
  const executor = { colony: COLONY, name: "x", type: "streamer", id: deriveId(keys.executor) };
  const userNamed = (name: string, key: string) => ({ colony: COLONY, name, id: deriveId(key) });
  return startServer({
    ...options,
    colonies: {
      colonies: [{ name: COLONY, id: deriveId(keys.owner) }],
      executors: [executor],
      users: [userNamed("ann", keys.user), userNamed("bob", keys.otherUser)],
      ...colonies,
    },
  });
}

/** A client of a node, with somebody's key. */
export function clientOf({ port }: TestServer, key: string): ColoniesClient {
  const client = new ColoniesClient({ host: "127.0.0.1", port });
  client.setPrivateKey(key);
  return client;
}

/** Submits a process with two channels, as the user. */
export function submit(server: TestServer, more: object = {}): Promise<Process> {
  return clientOf(server, keys.user).submitFunctionSpec({
    funcname: "stream",
    conditions: { colonyname: COLONY, executortype: "streamer" },
    channels: CHANNELS,
    ...more,
  });
}

/** Submits a process that the executor has then. */
export async function submitAndAssign(server: TestServer, more: object = {}): Promise<Process> {
  const { processid } = await submit(server, more);
  const assigned = await clientOf(server, keys.executor).assign(COLONY, 10, keys.executor);
  expect(assigned.processid).toBe(processid);
  return assigned;
}

/** One connection to `/pubsub`, and what it gets. */
export class Subscriber {
  readonly raw: RawClient;

  constructor(raw: RawClient) {
    this.raw = raw;
  }

  static async connect({ wsUrl }: TestServer): Promise<Subscriber> {
    return new Subscriber(await connectRaw(`${wsUrl}/pubsub`));
  }

  /** All frames so far. */
  get frames(): readonly Frame[] {
    return this.raw.received.map(readFrame);
  }

  /** All entries so far, in their order. */
  get entries(): readonly SentEntry[] {
    return this.frames.flatMap(({ isError, inner }) =>
      isError || !Array.isArray(inner) ? [] : (inner as SentEntry[]),
    );
  }

  channel(processid: string, name = "chat", afterseq = 0, timeout = 60, key = keys.user): void {
    this.send({ msgtype: "subscribechannelmsg", processid, name, afterseq, timeout }, key);
  }

  process(processid: string, state: number, timeout = 60, key = keys.user): void {
    const names = { msgtype: "subscribeprocessmsg", colonyname: COLONY, executortype: "" };
    this.send({ ...names, processid, state, timeout }, key);
  }

  send(message: Message, key: string): void {
    this.raw.send(seal(message, key));
  }

  /** The frame of this number, from 1. */
  async frame(count: number): Promise<Frame> {
    await until(`frame ${count}`, () => this.raw.received.length >= count);
    return readFrame(this.raw.received[count - 1]);
  }

  /** Waits until the subscription to a channel is live: what is appended now comes once. */
  async has(count: number, timeoutMs = 5000): Promise<void> {
    await until(`${count} entries`, () => this.entries.length >= count, timeoutMs);
  }
}

/** The text of an entry. */
export function textOf({ payload }: SentEntry): string {
  return Buffer.from(payload, "base64").toString();
}

/** A frame that says what went wrong. */
export function wrong(status: number, message: string): Frame {
  return { type: "error", isError: true, inner: { status, message } };
}

function readFrame(received: unknown): Frame {
  const { payloadtype, payload, error } = received as {
    readonly payloadtype: string;
    readonly payload: string;
    readonly error: boolean;
  };
  const inner: unknown = JSON.parse(Buffer.from(payload, "base64").toString());
  return { type: payloadtype, isError: error, inner };
}

/** Numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

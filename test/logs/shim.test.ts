import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Channel, type ChannelClass, type ChannelTarget } from "../../client-shim/index.ts";
import { connectPhoenix } from "../support/phoenix-client.ts";
import type { TestServer } from "../support/server.ts";
import { connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { startLogServer } from "./stores.ts";

const ROOM = "log:a";
// The file that pages load, made by the build.
const bundle = "../../dist/client-shim/commonroom.min.js";
const { Channel: BundledChannel } = (await import(bundle)) as { Channel: ChannelClass };

interface Way {
  readonly name: string;
  readonly Class: ChannelClass;
  target(server: TestServer): Promise<ChannelTarget>;
}

const ways: readonly Way[] = [
  { name: "plain", Class: Channel, target: async ({ wsUrl }) => `${wsUrl}/ws` },
  { name: "plain, as pages load it", Class: BundledChannel, target: async (s) => `${s.wsUrl}/ws` },
  {
    name: "Socket.IO",
    Class: Channel,
    target: ({ url }) => connectSocketIo(url, { reconnectionDelay: 10 }),
  },
  {
    name: "phoenix.js",
    Class: Channel,
    target: async ({ wsUrl }) => connectPhoenix(`${wsUrl}/socket`) as unknown as ChannelTarget,
  },
];

async function open({ Class, target }: Way, server: TestServer) {
  const channel = new Class(await target(server), {
    autoReconnect: true,
    reconnectDelay: 0.05,
    WebSocket: WebSocket as never,
  });
  onTestFinished(() => channel.close());
  const heard: number[] = [];
  const errors: string[] = [];
  channel.onRoomMessage(ROOM, (message) => void heard.push((message as { n: number }).n));
  channel.onError(({ code }) => void errors.push(code));
  await channel.connect();
  return { channel, heard, errors };
}

/** Cuts all connections, and sends so many messages before any of them can be back. */
function cutAndSend({ commonroom: { io } }: TestServer, from: number, to: number): void {
  for (const socket of io.of("/").sockets.values()) socket.conn.close();
  for (let n = from; n <= to; n += 1) io.to(ROOM).emit("message", { n });
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe.each(ways)("The room client over $name, in a room with a log", (way) => {
  it("gets what it has missed after each lost connection, in order and once", async () => {
    const server = await startLogServer("memory", { rooms: [{ match: "log:*", log: {} }] });
    const { channel, heard, errors } = await open(way, server);
    await channel.join(ROOM);
    cutAndSend(server, 1, 5);
    await until("what was missed", () => heard.length >= 5);
    cutAndSend(server, 6, 9);
    await until("what was missed", () => heard.length >= 9);
    server.commonroom.io.to(ROOM).emit("message", { n: 10 });
    await until("what is new", () => heard.length >= 10);
    expect(heard).toEqual(numbers(1, 10));
    expect(errors).toEqual([]);
  });

  it("does not get its own messages again", async () => {
    const server = await startLogServer("memory", { rooms: [{ match: "log:*", log: {} }] });
    const { channel, heard } = await open(way, server);
    await channel.join(ROOM);
    await channel.push(ROOM, "message", { n: -1 });
    await channel.send({ n: -2 }, ROOM);
    // Its answer comes after that of the message before it.
    await channel.push(ROOM, "other", { n: -3 });
    cutAndSend(server, 1, 2);
    await until("what was missed", () => heard.length >= 2);
    expect(heard).toEqual([1, 2]);
  });

  it("keeps its place where a push is repeated that was logged long ago", async () => {
    const server = await startLogServer("memory", { rooms: [{ match: "log:*", log: {} }] });
    const { channel, heard } = await open(way, server);
    await channel.join(ROOM);
    const repeated = { n: -1, _sequence: 1 };
    await channel.push(ROOM, "message", repeated);
    cutlessSend(server, 1, 3);
    await until("what is new", () => heard.length >= 3);
    expect(await channel.push(ROOM, "message", repeated)).toMatchObject({ offset: 1 });
    cutAndSend(server, 4, 5);
    await until("what was missed", () => heard.includes(5));
    expect(heard).toEqual(numbers(1, 5));
  });

  it("asks from where its params say, and goes on from there", async () => {
    const server = await startLogServer("memory", { rooms: [{ match: "log:*", log: {} }] });
    const { channel, heard } = await open(way, server);
    cutlessSend(server, 1, 3);
    expect(await channel.join(ROOM, { since: 0 })).toMatchObject({ recovered: true, offset: 3 });
    await until("what is old", () => heard.length >= 3);
    cutAndSend(server, 4, 5);
    await until("what was missed", () => heard.length >= 5);
    expect(heard).toEqual(numbers(1, 5));
  });

  it("tells the error handlers where the log no longer reaches back", async () => {
    const server = await startLogServer("memory", {
      rooms: [{ match: "log:*", log: { size: 2 } }],
    });
    const { channel, heard, errors } = await open(way, server);
    await channel.join(ROOM);
    cutAndSend(server, 1, 5);
    await until("the error", () => errors.length > 0);
    expect(errors).toEqual(["history_lost"]);
    cutAndSend(server, 6, 7);
    await until("what was missed", () => heard.length >= 2);
    expect(heard).toEqual([6, 7]);
  });
});

function cutlessSend({ commonroom: { io } }: TestServer, from: number, to: number): void {
  for (let n = from; n <= to; n += 1) io.to(ROOM).emit("message", { n });
}

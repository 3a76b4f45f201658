import { Emitter } from "@socket.io/redis-emitter";
import type { RedisClientType } from "redis";
import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const options: CommonroomOptions = {
  rooms: [
    { match: "log:*", log: {}, presence: false },
    { match: "*", presence: false },
  ],
  limits: { maxRoomsPerConnection: 2000 },
};
const MESSAGE = { text: "x".repeat(1000) };
const MESSAGES = 300;
/** More would not all be answered in time on a busy machine. */
const JOINS_AT_ONCE = 100;

/** A node that reaches Redis by itself, and one whose Redis traffic is counted. */
async function setUp(more: CommonroomOptions = {}) {
  const redis = await startRedis();
  const proxy = await TcpProxy.start(redis.port);
  const all = { ...options, ...more };
  const here = await startServer({ ...all, redisUrl: redis.url });
  const there = await startServer({ ...all, redisUrl: `redis://127.0.0.1:${proxy.port}` });
  const backend = await connectBackend(redis.url);
  return { redis, proxy, here, there, backend };
}

/** A member, and the payloads that it has heard. */
async function join({ url }: TestServer, ...rooms: string[]) {
  const socket = await connectSocketIo(url);
  for (const room of rooms) {
    expect(await ask(socket, "join", room, {})).toMatchObject({ status: "ok" });
  }
  const heard: unknown[] = [];
  socket.on("hello", (payload: unknown) => heard.push(payload));
  return { socket, heard };
}

/** All that can be sent to a room: by a backend, a member, and server code. */
async function sendAll(backend: RedisClientType, here: TestServer, room: string) {
  const { socket } = await join(here, room);
  const before = await join(here, room);
  for (let n = 0; n < MESSAGES; n += 1) {
    await backend.publish(`to:${room}:hello`, JSON.stringify(MESSAGE));
    socket.emit("push", room, "hello", MESSAGE);
    here.commonroom.io.to(room).emit("hello", MESSAGE);
  }
  await until("all to arrive", () => before.heard.length === 3 * MESSAGES);
}

/** What Redis is asked to tell of. */
async function listenedTo(backend: RedisClientType): Promise<number> {
  const count = async (...args: string[]): Promise<number> => {
    const reply = await backend.sendCommand<number | string[]>(["PUBSUB", ...args]);
    return typeof reply === "number" ? reply : reply.length;
  };
  return (await count("NUMPAT")) + (await count("CHANNELS")) + (await count("SHARDCHANNELS"));
}

describe("a node without members of a room", () => {
  it.each(["busy", "log:busy"])("gets none of the traffic of the room %s", async (room) => {
    const { proxy, here, backend } = await setUp();
    const before = proxy.bytesToClients;
    await sendAll(backend, here, room);
    // The nodes' own heartbeats.
    expect(proxy.bytesToClients - before).toBeLessThan(20_000);
  });

  it("gets none of what server code sends to several of them at once", async () => {
    const { proxy, here } = await setUp();
    const members = [await join(here, "a"), await join(here, "b")];
    const before = proxy.bytesToClients;
    const { io } = here.commonroom;
    for (let n = 0; n < MESSAGES; n += 1) io.to("a").to("b").emit("hello", MESSAGE);
    await until("all to arrive", () => members.every(({ heard }) => heard.length === MESSAGES));
    expect(proxy.bytesToClients - before).toBeLessThan(20_000);
  });

  it.each<CommonroomOptions>([{ redisSubscribe: "all" }, { redisAdapter: "classic" }])(
    "gets it where the settings are %o",
    async (more) => {
      const { proxy, here, backend } = await setUp(more);
      const before = proxy.bytesToClients;
      await sendAll(backend, here, "busy");
      await until("it", () => proxy.bytesToClients - before > MESSAGES * 1000);
    },
  );

  it("gets it from the reply to its first member's join on, every message once", async () => {
    const { here, there, backend } = await setUp();
    const names = Array.from({ length: 100 }, (_, index) => `room:${index}`);
    const { socket } = await join(here, ...names);
    const member = await connectSocketIo(there.url);
    const heard: unknown[] = [];
    member.on("hello", (payload: unknown) => heard.push(payload));
    for (const room of names) {
      await ask(member, "join", room, {});
      const wanted = heard.length + 3;
      await backend.publish(`to:${room}:hello`, JSON.stringify({ room }));
      socket.emit("push", room, "hello", { room });
      here.commonroom.io.to(room).emit("hello", { room });
      await until(`what is sent to ${room}`, () => heard.length === wanted);
    }
    expect(heard).toEqual(names.flatMap((room) => [{ room }, { room }, { room }]));
  });

  it("gets it no more a few seconds after its last member has left", async () => {
    const { there, backend } = await setUp();
    const before = await listenedTo(backend);
    const { socket } = await join(there, "a", "log:a");
    expect(await listenedTo(backend)).toBe(before + 6);
    await ask(socket, "leave", "a");
    await ask(socket, "join", "a", {});
    await ask(socket, "leave", "a");
    await ask(socket, "leave", "log:a");
    expect(await listenedTo(backend)).toBe(before + 6);
    await until("silence", async () => (await listenedTo(backend)) === before, 15_000);
  }, 30_000);
});

describe("a room that server code fills, with a name that could be a socket's id,", () => {
  it("hears backends, emitters and server code of other nodes as any other", async () => {
    const { here, there, backend } = await setUp();
    for (const room of ["general-announcement", "announcements"]) {
      const { socket, heard } = await join(there);
      there.commonroom.io.in(String(socket.id)).socketsJoin(room);
      await until("the backend to be heard", async () => {
        await backend.publish(`to:${room}:hello`, '"backend"');
        return heard.length > 0;
      });
      new Emitter(backend).to(room).emit("hello", "emitter");
      here.commonroom.io.to(room).emit("hello", "server");
      await until("all", () => heard.includes("emitter") && heard.includes("server"));
    }
  });
});

describe("rooms whose names begin alike, or have characters of patterns", () => {
  it("hear what is for exactly them, once", async () => {
    const { there, backend } = await setUp();
    const names = ["a", "a:b", "a:b:c", "a*", "a:*", "[a]", "a?", "a\\b", "a^"];
    const members = await Promise.all(names.map((room) => join(there, room)));
    for (const room of names) await backend.publish(`to:${room}:hello`, JSON.stringify({ room }));
    for (const room of names) await backend.publish(`to:${room}:hello`, '{"isLast":true}');
    await until("the last", () => members.every(({ heard }) => heard.length >= 2));
    expect(members.map(({ heard }) => heard)).toEqual(
      names.map((room) => [{ room }, { isLast: true }]),
    );
  });
});

describe("a node with members of more than a thousand rooms", () => {
  it("listens to the rest by one pattern, and takes every message once", async () => {
    const { there, backend } = await setUp();
    const names = Array.from({ length: 1100 }, (_, index) => `room:${index}`);
    const { socket, heard } = await join(there);
    for (let from = 0; from < names.length; from += JOINS_AT_ONCE) {
      const some = names.slice(from, from + JOINS_AT_ONCE);
      await Promise.all(some.map((room) => ask(socket, "join", room, {})));
    }
    const patterns = await backend.sendCommand<number>(["PUBSUB", "NUMPAT"]);
    expect(patterns).toBeGreaterThan(1000);
    expect(patterns).toBeLessThan(1010);
    for (const room of names) await backend.publish(`to:${room}:hello`, JSON.stringify({ room }));
    await until("all", () => heard.length >= names.length);
    await backend.publish("to:room:1099:hello", '{"isLast":true}');
    await until("the last", () => heard.length > names.length);
    expect(heard).toEqual([...names.map((room) => ({ room })), { isLast: true }]);
  }, 30_000);
});

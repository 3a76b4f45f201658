import { tmpdir } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, freePort, RedisServer, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

const rooms = [
  { match: "system", presence: false, deliver: "backends" as const },
  { match: "*", presence: false },
];

async function member(wsUrl: string, room: string) {
  const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
  client.send(["1", "1", room, "phx_join", {}]);
  await client.next();
  return client;
}

const healthOf = async (url: string) => (await fetch(`${url}/health`)).json() as Promise<unknown>;

describe("without its Redis", () => {
  it("the server starts, says so, serves local rooms, and listens once Redis is there", async () => {
    const port = await freePort();
    const redis = new RedisServer(port, tmpdir());
    onTestFinished(() => redis.stop());
    const server = await startServer({ redisUrl: redis.url, rooms });
    expect(await healthOf(server.url)).toMatchObject({ status: "degraded", redis: "down" });
    expect(server.logLines.join("")).toContain("Redis is not reachable");
    const ann = await member(server.wsUrl, "lobby");
    const ben = await member(server.wsUrl, "lobby");
    ann.send(["1", "2", "lobby", "hello", { n: 1 }]);
    expect(await ben.next()).toEqual([null, null, "lobby", "hello", { n: 1 }]);
    expect(await ann.next()).toMatchObject(["1", "2", "lobby", "phx_reply", { status: "ok" }]);
    await redis.start();
    await until("the server to see Redis", () => server.commonroom.status().redis === "up");
    const backend = await connectBackend(redis.url);
    const missed = { reason: "messages may have been missed", code: "messages_missed" };
    expect(await ben.next()).toEqual(["1", "1", "lobby", "phx_error", missed]);
    ben.send(["2", "2", "lobby", "phx_join", {}]);
    await ben.next();
    await backend.publish("to:lobby:late", "{}");
    expect(await ben.next()).toEqual([null, null, "lobby", "late", {}]);
  });

  it("a push that only backends could hear is refused, and counted", async () => {
    const redis = await startRedis();
    const server = await startServer({ redisUrl: redis.url, rooms });
    const client = await member(server.wsUrl, "system");
    await redis.stop();
    await until("the server to notice", () => server.commonroom.status().redis === "down");
    client.send(["1", "2", "system", "bound-box", {}]);
    expect(await client.next()).toEqual([
      "1",
      "2",
      "system",
      "phx_reply",
      {
        status: "error",
        response: { reason: "backends unreachable", code: "backends_unreachable" },
      },
    ]);
    expect(server.commonroom.status().counters.busMessagesLost).toBeGreaterThan(0);
  });

  it("the server stops as quickly as with it", async () => {
    const redis = await startRedis();
    const server = await startServer({ redisUrl: redis.url, rooms });
    await member(server.wsUrl, "lobby");
    await redis.stop();
    const startedMs = Date.now();
    await server.commonroom.close();
    expect(Date.now() - startedMs).toBeLessThan(3000);
  });
});

describe("a Redis that is stopped and started again under load", () => {
  it("ends with every room hearing its backends again, and each message at most once", async () => {
    const redis = await startRedis();
    const server = await startServer({ redisUrl: redis.url, rooms });
    const ann = await nativeMember(server.url, "lobby");
    const ben = await nativeMember(server.url, "lobby");
    let sent = 0;
    const load = setInterval(() => {
      sent += 1;
      ann.socket.emit("push", "lobby", "hello", { n: sent });
    }, 2);
    onTestFinished(() => clearInterval(load));
    for (let round = 1; round <= 3; round += 1) {
      const before = sent;
      await until("some load", () => sent > before + 50);
      await redis.stop();
      await until("the server to notice", () => server.commonroom.status().redis === "down");
      const during = sent;
      await until("some load without Redis", () => sent > during + 50);
      await redis.start();
      await until("the server to see Redis", () => server.commonroom.status().redis === "up");
      const backend = await connectBackend(redis.url);
      expect(await backend.publish("to:lobby:round", JSON.stringify({ round }))).toBe(1);
      await until("the backend's message", () => ben.payloads("round").length === round);
    }
    clearInterval(load);
    const all = sent;
    await until("all pushes to arrive", () => ben.payloads("hello").length === all);
    expect(ben.payloads("hello")).toEqual(Array.from({ length: all }, (_, n) => ({ n: n + 1 })));
    expect(ben.payloads("round")).toEqual([{ round: 1 }, { round: 2 }, { round: 3 }]);
    expect(ben.payloads("missed")).toHaveLength(3);
    expect(server.commonroom.status().counters).toMatchObject({
      redisLosses: 3,
      redisSilences: 0,
      membersInterrupted: 6,
    });
  });
});

/** A native client, which stays in its room whatever becomes of Redis. */
async function nativeMember(url: string, room: string) {
  const socket = await connectSocketIo(url);
  await ask(socket, "join", room, {});
  const heard: { readonly event: string; readonly payload: unknown }[] = [];
  socket.onAny((event: string, payload: unknown) => heard.push({ event, payload }));
  const payloads = (wanted: string): unknown[] =>
    heard.filter(({ event }) => event === wanted).map(({ payload }) => payload);
  return { socket, payloads };
}

import { Emitter } from "@socket.io/redis-emitter";
import { describe, expect, it } from "vitest";
import { startNode } from "../support/node-process.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

const settings = { rooms: [{ match: "*", presence: false }] };

/** Two members on each node, and a native one on the second. */
async function joinAll(first: { wsUrl: string }, second: { url: string; wsUrl: string }) {
  const members = await Promise.all(
    [first, first, second, second].map(async ({ wsUrl }) => {
      const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
      client.send(["1", "1", "lobby", "phx_join", {}]);
      await client.next();
      return client;
    }),
  );
  const native = await connectSocketIo(second.url);
  await ask(native, "join", "lobby", {});
  const heard: unknown[] = [];
  native.on("tick", (payload: unknown) => heard.push(["tick", payload]));
  return { members, heard };
}

/** Two processes of their own. */
async function setUpProcesses() {
  const redis = await startRedis();
  const flags = ["--redis", redis.url, "--log-level", "error"];
  const nodes = await Promise.all([startNode(flags), startNode(flags)]);
  return { redis, ...(await joinAll(...nodes)) };
}

/** Two nodes in this process, for what only server code can do. */
async function setUpServers() {
  const redis = await startRedis();
  const options = { ...settings, redisUrl: redis.url };
  const [first, second] = [await startServer(options), await startServer(options)];
  return { redis, first, second, ...(await joinAll(first, second)) };
}

const eventsOf = (received: readonly unknown[]) =>
  received.flatMap((frame) =>
    Array.isArray(frame) && frame[0] === null && frame[3] !== "presence_diff"
      ? [frame.slice(3)]
      : [],
  );

describe("two nodes on one Redis", { timeout: 40_000 }, () => {
  it("deliver a backend's message to each member exactly once, wherever it is", async () => {
    const { redis, members, heard } = await setUpProcesses();
    const backend = await connectBackend(redis.url);
    for (let n = 1; n <= 50; n += 1) await backend.publish("to:lobby:tick", JSON.stringify({ n }));
    const expected = Array.from({ length: 50 }, (_, index) => ["tick", { n: index + 1 }]);
    await until(
      "all to arrive",
      () => members.every(({ received }) => eventsOf(received).length >= 50) && heard.length >= 50,
    );
    for (const { received } of members) expect(eventsOf(received)).toEqual(expected);
    expect(heard).toEqual(expected);
  });

  it("pass a member's push to the others on both, once and in its order", async () => {
    const { members, heard } = await setUpProcesses();
    const [sender, ...others] = members;
    for (let n = 1; n <= 50; n += 1) sender?.send(["1", `p${n}`, "lobby", "tick", { n }]);
    const expected = Array.from({ length: 50 }, (_, index) => ["tick", { n: index + 1 }]);
    await until(
      "all to arrive",
      () => others.every(({ received }) => eventsOf(received).length >= 50) && heard.length >= 50,
    );
    for (const { received } of others) expect(eventsOf(received)).toEqual(expected);
    expect(heard).toEqual(expected);
    expect(eventsOf(sender?.received ?? [])).toEqual([]);
  });

  it("both serve a plain io.to(room).emit, and a Redis emitter of another process", async () => {
    const { redis, first, members } = await setUpServers();
    first.commonroom.io.to("lobby").emit("hi", { from: "server code" });
    const emitter = new Emitter(await connectBackend(redis.url));
    emitter.to("lobby").emit("hi", { from: "an emitter" });
    await until("both to arrive everywhere", () =>
      members.every(({ received }) => eventsOf(received).length === 2),
    );
    for (const { received } of members) {
      expect(eventsOf(received)).toEqual(
        expect.arrayContaining([
          ["hi", { from: "server code" }],
          ["hi", { from: "an emitter" }],
        ]),
      );
    }
  });

  it("survive garbage on the channels that they use between them", async () => {
    const { redis, first, second, members } = await setUpServers();
    const backend = await connectBackend(redis.url);
    for (const channel of [
      "socket.io#/#",
      "socket.io#/#lobby#",
      "socket.io-request#/#",
      "socket.io-response#/#",
    ]) {
      for (const text of ["", "garbage", "{", "{}", '{"type":5}', "\u0091\u0001", "[1,2,3]"]) {
        await backend.publish(channel, text);
      }
    }
    await backend.publish("to:lobby:after", "{}");
    await until("the good message", () =>
      members.every(({ received }) => eventsOf(received).length === 1),
    );
    for (const server of [first, second]) {
      expect(server.commonroom.status().counters.adapterMessagesRefused).toBeGreaterThan(0);
    }
  });
});

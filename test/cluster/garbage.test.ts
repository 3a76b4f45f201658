import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import type { RedisClientType } from "redis";
import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { usedHeap } from "../support/heap.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

/** The adapters' own encoding of their messages. */
const { encode }: { encode(message: unknown): Buffer } = createRequire(
  createRequire(import.meta.url).resolve("@socket.io/redis-adapter"),
)("notepack.io");

const NODE = { uid: "forged", nsp: "/" };
const LOBBY = { rooms: ["lobby"], except: [], flags: {} };
const MEGABYTE = 1024 * 1024;
/** How long a kind of problem is not told again, and how far two clocks may be apart. */
const QUIET_MS = 10_000;
const TOLERANCE_MS = 100;

/** What makes no sense wherever it comes. */
const nonsense: readonly Buffer[] = [
  ...[
    "",
    "garbage",
    "{",
    "{}",
    "[]",
    "null",
    "[1,2,3]",
    '{"type":5}',
    '{"type":3,"uid":"forged","nsp":"/"}',
    '{"__proto__":{"x":1},"type":3}',
    "\u0091\u0001",
  ].map((text) => Buffer.from(text)),
  randomBytes(1000),
  Buffer.alloc(100, 0x91),
  encode(["forged", null, null]),
  encode(["forged", { type: 2, data: ["hello", 1] }, null]),
  encode(["forged", { type: 2, data: "hello" }, LOBBY]),
  encode(["forged", { type: 99, data: ["hello"] }, LOBBY]),
  encode({ ...NODE, type: 3, data: { packet: { data: [] }, opts: LOBBY } }),
  Buffer.from(`${"[".repeat(100_000)}${"]".repeat(100_000)}`),
  Buffer.alloc(5 * MEGABYTE, 0x7b),
];

/** What is well formed, and what no node sends. */
const forged: readonly Buffer[] = [
  { ...NODE, type: 4, data: { opts: LOBBY, rooms: ["\u0000id:ann"] } },
  { ...NODE, type: 9, data: { packet: ["connection", {}] } },
  { ...NODE, type: 9, data: { packet: ["disconnect"] } },
  { ...NODE, type: 3, data: { opts: LOBBY, packet: { type: 2, data: ["connect"], nsp: "/" } } },
  { ...NODE, type: 3, data: { opts: LOBBY, packet: { type: 1, data: ["hello"], nsp: "/" } } },
  { ...NODE, type: 3, data: { opts: LOBBY, packet: { type: 2, data: ["x"], jsonText: true } } },
  { ...NODE, type: 8, data: { requestId: "1", sockets: "all" } },
].map((message) => Buffer.from(JSON.stringify(message)));

const ways: readonly CommonroomOptions[] = [{}, { redisAdapter: "classic", redisSubscribe: "all" }];

describe.each(ways)("garbage on every channel of nodes with the settings %o", (way) => {
  it("is logged once a kind, counted and ignored", async () => {
    const redis = await startRedis();
    const rooms = [
      { match: "log:*", log: {}, presence: false },
      { match: "lobby", presence: false },
    ];
    const server = await startServer({ redisUrl: redis.url, rooms, colonies: {}, ...way });
    const member = await connectSocketIo(server.url);
    for (const room of ["lobby", "log:a"]) await ask(member, "join", room, {});
    const heard: unknown[] = [];
    member.onAny((event: string, payload: unknown) => heard.push([event, payload]));
    const backend = await connectBackend(redis.url);
    const memoryBefore = usedHeap();
    for (let round = 0; round < 20; round += 1) {
      const broadcasts = ["socket.io#/#", "socket.io#/#lobby#"];
      for (const channel of new Set([...(await usedChannels(backend)), ...broadcasts])) {
        const messages = /^to:|^presence:/.test(channel) ? [] : [...nonsense, ...forged];
        for (const message of messages) await backend.publish(channel, message);
      }
      for (const channel of await shardChannels(backend)) {
        for (const message of [...nonsense, ...forged]) await backend.sPublish(channel, message);
      }
      for (const message of nonsense) await backend.publish("presence:lobby", message);
      await backend.publish(`to:lobby:${"x".repeat(MEGABYTE)}`, "{}");
      await backend.publish("to:lobby:huge", Buffer.alloc(5 * MEGABYTE, 0x7b));
    }
    await backend.publish("to:lobby:hello", '{"n":1}');
    await ask(member, "push", "log:a", "hello", { n: 2 });
    await backend.publish("to:log:a:hello", '{"n":3}');
    await until("the good ones", () => heard.length >= 2);
    await until("the last", () => JSON.stringify(heard.at(-1)).includes('"n":3'));
    expect(heard).toEqual([
      ["hello", { n: 1 }],
      ["hello", { n: 3 }],
    ]);
    const { redis: status, counters } = server.commonroom.status();
    expect(status).toBe("up");
    expect(counters).toMatchObject({ redisLosses: 0, membersInterrupted: 0 });
    expect(counters.adapterMessagesRefused).toBeGreaterThan(100);
    expect(counters.presenceMessagesRefused).toBeGreaterThan(100);
    expect(counters.logMessagesRefused).toBeGreaterThan(100);
    expect(counters.recordMessagesRefused).toBeGreaterThan(100);
    expect(counters.canaryMessagesRefused).toBeGreaterThan(100);
    expect(counters.busMessagesRefused).toBeGreaterThanOrEqual(20);
    const warnings = server.logLines.filter((line) => line.includes('"level":40'));
    const kinds = kindsOf(warnings);
    expect(kinds.size).toBeLessThan(20);
    // A busy machine may take longer than a kind is then silent.
    for (const timesMs of kinds.values()) {
      for (const [index, timeMs] of timesMs.entries()) {
        expect(timeMs - (timesMs[index - 1] ?? 0)).toBeGreaterThan(QUIET_MS - TOLERANCE_MS);
      }
    }
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThan(1000);
    expect(usedHeap() - memoryBefore).toBeLessThan(100 * MEGABYTE);
  }, 60_000);
});

/** When each kind of line was written, in ms since 1970. */
function kindsOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const kinds = new Map<string, number[]>();
  for (const line of lines) {
    const { msg, time } = JSON.parse(line) as { msg: string; time: number };
    kinds.set(msg, [...(kinds.get(msg) ?? []), time]);
  }
  return kinds;
}

function usedChannels(backend: RedisClientType): Promise<string[]> {
  return backend.sendCommand<string[]>(["PUBSUB", "CHANNELS"]);
}

function shardChannels(backend: RedisClientType): Promise<string[]> {
  return backend.sendCommand<string[]>(["PUBSUB", "SHARDCHANNELS"]);
}

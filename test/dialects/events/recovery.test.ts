import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../../server/index.ts";
import { openEventSource, type RealEventSource } from "../../support/event-source.ts";
import { askForEvents, eventsPath, followEvents } from "../../support/event-stream.ts";
import type { StreamedEvent } from "../../support/event-stream-parser.ts";
import { connectBackend, startRedis } from "../../support/redis-server.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";

const ROOM = "log:a";
const OPTIONS: CommonroomOptions = { rooms: [{ match: "log:*", log: { size: 8 } }] };
/** EventSource comes back after 2 s. */
const BACK_MS = 10_000;
const MISSED = ["missed", { reason: "messages may have been missed", code: "messages_missed" }];

function say({ commonroom }: TestServer, ...numbers: number[]): void {
  for (const n of numbers) commonroom.io.to(ROOM).emit("number", { n });
}

function numbersOf({ events }: Pick<RealEventSource, "events">): unknown[] {
  return events.map(({ type, data }) => (type === "number" ? JSON.parse(data).n : type));
}

/** An EventSource behind a proxy, in the room. */
async function setUp() {
  const server = await startServer(OPTIONS);
  const proxy = await TcpProxy.start(server.port);
  const url = `http://127.0.0.1:${proxy.port}${eventsPath(ROOM)}`;
  const events: StreamedEvent[] = [];
  let replies = 0;
  const { states } = await openEventSource(url, ["phx_reply", "number", "missed"], (event) => {
    if (event.type === "phx_reply") replies += 1;
    else events.push(event);
  });
  const source = { events, states };
  const { rooms } = server.commonroom.io.of("/").adapter;
  const isIn = (): boolean => rooms.has(ROOM);
  await until("it to know that it is in", () => replies === 1);
  const cutOff = async (): Promise<void> => {
    proxy.cut();
    await until("it to be gone", () => !isIn());
  };
  return { server, proxy, source, isIn, cutOff };
}

describe("an EventSource in a room with a log", () => {
  it("gets exactly what it missed after a cut, once and in order, by itself", async () => {
    const { server, proxy, source, isIn, cutOff } = await setUp();
    say(server, 1, 2);
    await until("it to hear 2", () => source.events.length === 2);
    await cutOff();
    say(server, 3, 4, 5);
    proxy.restore();
    await until("it to be back", isIn, BACK_MS);
    say(server, 6);
    await until("it to hear 6", () => numbersOf(source).includes(6));
    expect(numbersOf(source)).toEqual([1, 2, 3, 4, 5, 6]);
    const [first, ...others] = source.events.map(({ lastEventId }) => lastEventId.split("@"));
    expect([first, ...others].map((id) => id?.[0])).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(new Set([first, ...others].map((id) => id?.[1])).size).toBe(1);
  }, 30_000);

  it("gets what it missed also where it had heard nothing before the cut", async () => {
    const { server, proxy, source, cutOff } = await setUp();
    await cutOff();
    say(server, 1, 2);
    proxy.restore();
    await until("it to hear both", () => source.events.length === 2, BACK_MS);
    expect(numbersOf(source)).toEqual([1, 2]);
  }, 30_000);

  it("is told that it missed some where the log no longer reaches back, and goes on", async () => {
    const { server, proxy, source, isIn, cutOff } = await setUp();
    say(server, 1);
    await until("it to hear 1", () => source.events.length === 1);
    await cutOff();
    say(server, ...Array.from({ length: 9 }, (_, index) => index + 2));
    proxy.restore();
    await until("it to be back", isIn, BACK_MS);
    say(server, 11);
    await until("it to hear 11", () => numbersOf(source).includes(11));
    expect(numbersOf(source)).toEqual([1, "missed", 11]);
  }, 30_000);
});

describe("a client of a room with a log", () => {
  it("has an id from the beginning, and none before what it missed has come", async () => {
    const server = await startServer(OPTIONS);
    say(server, 1, 2, 3);
    const fresh = await followEvents(server, ROOM);
    const [, epoch] = fresh.parser.lastEventId.split("@");
    expect(fresh.parser.lastEventId).toBe(`3@${epoch}`);
    const headers = { "last-event-id": `1@${epoch}` };
    const back = await followEvents(server, ROOM, { headers });
    await until("both", () => back.events.length === 2);
    const [reply, ...events] = back.parser.events;
    expect(JSON.parse(reply?.data ?? "")).toMatchObject({ response: { recovered: true } });
    expect(reply?.lastEventId).toBe("");
    expect(events.map(({ lastEventId }) => lastEventId)).toEqual([`2@${epoch}`, `3@${epoch}`]);
  });

  it.each(["2@anotherEpoch", "3000@EPOCH", "not an id", "@", "1@", "-1@EPOCH", "1.5@EPOCH"])(
    "that had %s last is told that it missed some, and goes on",
    async (text) => {
      const server = await startServer(OPTIONS);
      say(server, 1, 2);
      const { parser } = await followEvents(server, ROOM);
      const id = text.replace("EPOCH", parser.lastEventId.split("@")[1] ?? "");
      const client = await followEvents(server, ROOM, { headers: { "last-event-id": id } });
      say(server, 3);
      await client.hears("number");
      expect(client.heard).toEqual([MISSED, ["number", { n: 3 }]]);
      expect(client.parser.lastEventId).toBe(parser.lastEventId.replace(/^\d+/, "3"));
    },
  );

  it("may say in its query what it has; its Last-Event-ID goes before", async () => {
    const server = await startServer(OPTIONS);
    say(server, 1, 2, 3);
    const all = await followEvents(server, ROOM, { query: "?since=0" });
    await until("all", () => all.events.length === 3);
    const epoch = all.parser.lastEventId.split("@")[1];
    const query = `?since=1&epoch=${epoch}`;
    const some = await followEvents(server, ROOM, { query });
    await until("some", () => some.events.length === 2);
    expect(numbersOf(some)).toEqual([2, 3]);
    const headers = { "last-event-id": `2@${epoch}` };
    const last = await followEvents(server, ROOM, { query, headers });
    await until("the last", () => last.events.length === 1);
    expect(numbersOf(last)).toEqual([3]);
    const wrong = await askForEvents(server, ROOM, { query: "?since=x" });
    expect([wrong.status, await wrong.json()]).toMatchObject([422, { code: "since_invalid" }]);
  });
});

describe("a client of a room with a log that comes back to another node", () => {
  it("gets what it missed there, and hears what is said on either", async () => {
    const redis = await startRedis();
    const near = await startServer({ ...OPTIONS, redisUrl: redis.url, node: "near" });
    const far = await startServer({ ...OPTIONS, redisUrl: redis.url, node: "far" });
    const first = await followEvents(near, ROOM);
    say(near, 1);
    await first.hears("number");
    first.close();
    say(far, 2);
    const headers = { "last-event-id": first.parser.lastEventId };
    const client = await followEvents(far, ROOM, { headers });
    await until("it to hear 2", () => client.events.length === 1);
    say(near, 3);
    await until("it to hear 3", () => client.events.length === 2);
    expect(numbersOf(client)).toEqual([2, 3]);
  }, 20_000);
});

describe("a client of a room without a log", () => {
  it("goes on without a word where it comes back with an id", async () => {
    const server = await startServer();
    const headers = { "last-event-id": "3@Zk3" };
    const client = await followEvents(server, "lobby", { headers });
    server.commonroom.io.to("lobby").emit("hi", {});
    await client.hears("hi");
    expect(client.heard).toEqual([["hi", {}]]);
    expect(client.text).not.toContain("id:");
  });
});

describe("once Redis was away", () => {
  it("clients of rooms without a log are told that they may have missed some, and go on", async () => {
    const redis = await startRedis();
    const proxy = await TcpProxy.start(redis.port);
    const server = await startServer({ ...OPTIONS, redisUrl: `redis://127.0.0.1:${proxy.port}` });
    const client = await followEvents(server, "lobby");
    proxy.cut();
    await until("the loss", () => server.commonroom.status().redis === "down");
    proxy.restore();
    await until("Redis", () => server.commonroom.status().redis === "up", 20_000);
    await client.hears("missed");
    const backend = await connectBackend(redis.url);
    await backend.publish("to:lobby:hi", "{}");
    await client.hears("hi");
    expect(client.heard).toEqual([MISSED, ["hi", {}]]);
  }, 40_000);

  it("and had lost the log, an EventSource is told so, and goes on with the new one", async () => {
    const redis = await startRedis();
    const server = await startServer({ ...OPTIONS, redisUrl: redis.url });
    const url = `${server.url}${eventsPath(ROOM)}`;
    const source = await openEventSource(url, ["number", "missed", "phx_error"]);
    const { rooms } = server.commonroom.io.of("/").adapter;
    await until("it to be in", () => rooms.has(ROOM));
    say(server, 1);
    await until("it to hear 1", () => source.events.length === 1, BACK_MS);
    await redis.stop();
    await until("the loss", () => server.commonroom.status().redis === "down");
    await redis.start();
    await until("Redis", () => server.commonroom.status().redis === "up", 20_000);
    await until("it to be told", () => numbersOf(source).includes("missed"), 20_000);
    say(server, 2);
    await until("it to hear 2", () => numbersOf(source).includes(2), BACK_MS);
    expect(numbersOf(source)).toEqual([1, "phx_error", "missed", 2]);
    const epochs = source.events.map(({ lastEventId }) => lastEventId.split("@")[1]);
    expect(epochs[3]).not.toBe(epochs[0]);
  }, 60_000);
});

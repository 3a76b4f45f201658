import { describe, expect, it } from "vitest";
import { ManualClock } from "../support/manual-clock.ts";
import { publish } from "../support/publish.ts";
import { connectBackend, type RedisServer, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  connectLogClient,
  eventsOf,
  joinLog,
  type LogClient,
  waitForEvents,
  ways,
} from "./log-client.ts";

const ROOM = "log:a";

async function startNodes(count: number, log: object = {}) {
  const redis = await startRedis();
  const options = { redisUrl: redis.url, rooms: [{ match: "log:*", log, echo: true }] };
  const nodes = await Promise.all(Array.from({ length: count }, () => startServer(options)));
  return { redis, nodes };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function offsetsOf(client: LogClient): (number | undefined)[] {
  return eventsOf(client).map(({ offset }) => offset);
}

/** Ends the connections on which nodes hear Redis. */
async function cutSubscribers(redis: RedisServer): Promise<void> {
  const backend = await connectBackend(redis.url);
  await backend.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
}

/** Ends those connections again and again while something is done: the nodes hear next to nothing. */
async function whileCut(redis: RedisServer, task: () => Promise<void>): Promise<void> {
  const backend = await connectBackend(redis.url);
  let isOver: boolean = false;
  const cutting = (async () => {
    while (!isOver) await backend.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
  })();
  try {
    await task();
  } finally {
    isOver = true;
    await cutting;
  }
}

function isDown({ commonroom }: TestServer): boolean {
  return commonroom.status().redis === "down";
}

describe("Nodes with their logs on one Redis", () => {
  it("show members of every dialect on every node one same order, that of the offsets", async () => {
    const { nodes } = await startNodes(2);
    const clients = await Promise.all(
      nodes.flatMap((node) => ways.map((way) => connectLogClient(way, node))),
    );
    const joined = await Promise.all(clients.map((client) => joinLog(client, ROOM)));
    expect(new Set(joined.map(({ epoch }) => epoch)).size).toBe(1);
    const perClient = 20;
    const replies = await Promise.all(
      clients.map(async (client, index) => {
        const offsets: number[] = [];
        for (let n = 1; n <= perClient; n += 1) {
          const { response } = await client.push(ROOM, "said", { index, n });
          offsets.push((response as { offset: number }).offset);
        }
        return offsets;
      }),
    );
    const count = perClient * clients.length;
    const [first, ...others] = await Promise.all(
      clients.map((client) => waitForEvents(client, count)),
    );
    expect(first?.map(({ offset }) => offset)).toEqual(upTo(count));
    const seen = first?.map(({ offset, payload }) => ({ offset, payload }));
    for (const events of others) {
      expect(events.map(({ offset, payload }) => ({ offset, payload }))).toEqual(seen);
    }
    expect(replies.flat().sort((a, b) => a - b)).toEqual(upTo(count));
  });

  it("log a backend's message once, whether the room has members or not", async () => {
    const { redis, nodes } = await startNodes(3);
    const backend = await connectBackend(redis.url);
    for (let n = 1; n <= 50; n += 1) {
      await backend.publish(`to:${ROOM}:told`, JSON.stringify({ n }));
    }
    const clients = await Promise.all(nodes.map((node) => connectLogClient("plain", node)));
    for (const client of clients) {
      const isThere = async (): Promise<boolean> =>
        (await joinLog(client, ROOM, { since: 0, n: Math.random() })).offset === 50;
      await until("all to be logged", isThere);
    }
    for (let n = 51; n <= 100; n += 1) {
      await backend.publish(`to:${ROOM}:told`, JSON.stringify({ n }));
    }
    for (const client of clients) {
      await until("all to arrive", () => offsetsOf(client).at(-1) === 100);
      expect(offsetsOf(client).slice(-50)).toEqual(upTo(100).slice(50));
    }
    const late = await connectLogClient("socket.io", nodes[0] as TestServer);
    await joinLog(late, ROOM, { since: 0 });
    const events = await waitForEvents(late, 100);
    expect(events.map(({ payload }) => payload)).toEqual(upTo(100).map((n) => ({ n })));
  });

  it("find another one to log what backends send when that one stops", async () => {
    const { redis, nodes } = await startNodes(2);
    const [first, second] = nodes as [TestServer, TestServer];
    const backend = await connectBackend(redis.url);
    const client = await connectLogClient("v2", second);
    await joinLog(client, ROOM);
    await first.commonroom.close();
    await until("a message to be logged", async () => {
      await backend.publish(`to:${ROOM}:told`, "{}");
      return eventsOf(client).length > 0;
    });
  });

  it("take that over at once from one that stops in good order", async () => {
    const redis = await startRedis();
    const options = { redisUrl: redis.url, rooms: [{ match: "log:*", log: {} }] };
    const first = await startServer(options);
    // Its timers stand still, so that it can only have been told.
    const second = await startServer(options, { clock: new ManualClock() });
    const backend = await connectBackend(redis.url);
    const logger = (): Promise<string | null> => backend.get("commonroom:log:logger");
    const before = await logger();
    await first.commonroom.close();
    await until("another logger", async () => {
      const now = await logger();
      return now !== null && now !== before;
    });
    expect(second.commonroom.status().redis).toBe("up");
  });

  it("leave nothing out and repeat nothing where Redis's word was not heard", async () => {
    const { redis, nodes } = await startNodes(2);
    const [first, second] = nodes as [TestServer, TestServer];
    const sender = await connectLogClient("v2", first);
    const clients = await Promise.all(
      [first, second].flatMap((node) => ways.map((way) => connectLogClient(way, node))),
    );
    for (const client of [sender, ...clients]) await joinLog(client, ROOM);
    const count = 300;
    for (let n = 1; n <= count; n += 1) {
      if (n % 100 === 50) await cutSubscribers(redis);
      await sender.push(ROOM, "said", { n });
    }
    for (const client of clients) {
      const events = await waitForEvents(client, count);
      expect(events.map(({ offset }) => offset)).toEqual(upTo(count));
      expect(events.map(({ payload }) => payload)).toEqual(upTo(count).map((n) => ({ n })));
    }
  });

  it("give members what was not heard as soon as Redis is heard again", async () => {
    const { redis, nodes } = await startNodes(2);
    const [first, second] = nodes as [TestServer, TestServer];
    const sender = await connectLogClient("v2", first);
    const client = await connectLogClient("plain", second);
    for (const each of [sender, client]) await joinLog(each, ROOM);
    // Nothing follows that would show the gap.
    await whileCut(redis, async () => {
      for (let n = 1; n <= 20; n += 1) await sender.push(ROOM, "said", { n });
    });
    const events = await waitForEvents(client, 20);
    expect(events.map(({ offset }) => offset)).toEqual(upTo(20));
  });

  it("answer a push when its sender has got all that is before its message", async () => {
    const { redis, nodes } = await startNodes(2);
    const [first, second] = nodes as [TestServer, TestServer];
    const ann = await connectLogClient("v2", first);
    const ben = await connectLogClient("plain", second);
    for (const each of [ann, ben]) await joinLog(each, ROOM);
    await whileCut(redis, async () => {
      for (let round = 1; round <= 20; round += 1) {
        for (let n = 1; n <= 3; n += 1) await ann.push(ROOM, "said", { n });
        const { response } = await ben.push(ROOM, "said", {});
        expect(response).toEqual({ offset: 4 * round });
        expect(offsetsOf(ben)).toEqual(upTo(4 * round));
      }
    });
  });

  it("leave the sender out on every node, also where its message was not heard but read", async () => {
    const redis = await startRedis();
    const options = { redisUrl: redis.url, rooms: [{ match: "log:*", log: {} }] };
    const [first, second] = [await startServer(options), await startServer(options)];
    const ann = await connectLogClient("v2", first);
    const ben = await connectLogClient("v2", second);
    for (const client of [ann, ben]) await joinLog(client, ROOM);
    for (let n = 1; n <= 40; n += 1) {
      if (n === 20) await cutSubscribers(redis);
      await Promise.all([ann, ben].map((client) => client.push(ROOM, "said", { n })));
    }
    await Promise.all([waitForEvents(ann, 40), waitForEvents(ben, 40)]);
    const offsets = [...offsetsOf(ann), ...offsetsOf(ben)].sort((a, b) => Number(a) - Number(b));
    expect(offsets).toEqual(upTo(80));
  });

  it("know a sender's number wherever it is repeated", async () => {
    const { nodes } = await startNodes(2);
    const auth = { meta: {} };
    const clients = await Promise.all(nodes.map((node) => connectLogClient("v2", node)));
    for (const client of clients) await joinLog(client, ROOM, auth);
    const [ann] = clients as [LogClient];
    const first = await ann.push(ROOM, "said", { _sequence: 1 });
    expect(await ann.push(ROOM, "said", { _sequence: 1 })).toEqual(first);
    await ann.push(ROOM, "said", { _sequence: 2 });
    for (const client of clients) {
      expect(await waitForEvents(client, 2)).toMatchObject([{ offset: 1 }, { offset: 2 }]);
    }
  });

  it("keep of a log what its settings say", async () => {
    const { nodes } = await startNodes(1, { size: 5 });
    const [server] = nodes as [TestServer];
    for (let n = 1; n <= 12; n += 1) await publish(server, { room: ROOM, payload: { n } });
    const answer = await fetch(`${server.url}/rooms/${ROOM}/log`);
    const { offset, first, entries } = (await answer.json()) as {
      offset: number;
      first: number;
      entries: { offset: number }[];
    };
    expect({ offset, first }).toEqual({ offset: 12, first: 8 });
    expect(entries.map((entry) => entry.offset)).toEqual([8, 9, 10, 11, 12]);
  });

  it("forget entries after their time, and not the offsets of a room with members", async () => {
    const { nodes } = await startNodes(1, { ttl: "1s" });
    const [server] = nodes as [TestServer];
    const client = await connectLogClient("v2", server);
    const { epoch } = await joinLog(client, ROOM);
    await client.push(ROOM, "said", {});
    await until("the entry to be over", async () => {
      const answer = await fetch(`${server.url}/rooms/${ROOM}/log`);
      return ((await answer.json()) as { entries: unknown[] }).entries.length === 0;
    });
    expect(await client.push(ROOM, "said", {})).toMatchObject({ response: { offset: 2 } });
    const late = await connectLogClient("v2", server);
    expect(await joinLog(late, ROOM, { since: 0, epoch })).toMatchObject({ recovered: false });
  });
});

describe("While Redis is away", () => {
  it("joins and messages of rooms with a log are refused, and nothing is half done", async () => {
    const { redis, nodes } = await startNodes(1);
    const [server] = nodes as [TestServer];
    const ann = await connectLogClient("v2", server);
    const ben = await connectLogClient("plain", server);
    const { epoch } = await joinLog(ann, ROOM);
    await joinLog(ben, ROOM);
    await ann.push(ROOM, "said", { n: 1 });
    await redis.stop();
    await until("the server to notice", () => isDown(server));
    const refused = { status: "error", response: { code: "log_unavailable" } };
    expect(await ann.push(ROOM, "said", { n: 2 })).toMatchObject(refused);
    const late = await connectLogClient("socket.io", server);
    expect(await late.join(ROOM, { since: 0 })).toMatchObject(refused);
    expect(await publish(server, { room: ROOM, payload: {} })).toMatchObject({
      status: 503,
      body: { code: "log_unavailable" },
    });
    expect((await fetch(`${server.url}/rooms/${ROOM}/log`)).status).toBe(503);
    expect(await late.join("lobby")).toMatchObject({ status: "ok" });
    await redis.start();
    await until("the server to see Redis", () => server.commonroom.status().redis === "up");
    const again = await joinLog(late, ROOM, { since: 1, epoch });
    expect(again).toMatchObject({ recovered: false, offset: 0 });
    expect(again.epoch).not.toBe(epoch);
    // The log is lost: who is in the room is told, and Phoenix members join anew.
    const missed = { reason: "messages may have been missed", code: "messages_missed" };
    expect((await waitForEvents(ann, 2)).map(({ payload }) => payload)).toEqual([{ n: 1 }, missed]);
    await joinLog(ann, ROOM);
    await ann.push(ROOM, "said", { n: 3 });
    expect((await waitForEvents(ben, 3)).map(({ payload }) => payload)).toEqual([
      { n: 1 },
      missed,
      { n: 3 },
    ]);
    // In the lobby, which keeps no log, something may have been missed.
    const heard = await waitForEvents(late, 2);
    expect(heard).toMatchObject([
      { payload: { code: "messages_missed" } },
      { payload: { n: 3 }, offset: 1 },
    ]);
  });
});

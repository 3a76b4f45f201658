import { describe, expect, it } from "vitest";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { connectLogClient, eventsOf, joinLog, waitForEvents } from "./log-client.ts";
import { startLogServer, stores } from "./stores.ts";

const ROOM = "log:a";
const options = { rooms: [{ match: "log:*", log: {}, echo: true }] };
const LONG = "e".repeat(300);

describe.each(stores)("A room with its log in %s", (store) => {
  it("keeps no event that server code gives an illegal name, and goes on", async () => {
    const server = await startLogServer(store, options);
    const client = await connectLogClient("socket.io", server);
    await joinLog(client, ROOM);
    for (const name of [LONG, "two\nlines", ""]) server.commonroom.io.to(ROOM).emit(name, {});
    server.commonroom.io.to(ROOM).emit("said", { n: 1 });
    await until("the good one", () => eventsOf(client).some(({ offset }) => offset === 1));
    const late = await connectLogClient("plain", server);
    expect(await joinLog(late, ROOM, { since: 0 })).toMatchObject({ recovered: true, offset: 1 });
    expect(await waitForEvents(late, 1)).toMatchObject([{ event: "said", payload: { n: 1 } }]);
  });
});

describe("An item of a log in Redis that is no entry", () => {
  it("keeps no member of any node from the entries around it", async () => {
    const redis = await startRedis();
    const nodes = [{ redisUrl: redis.url }, { redisUrl: redis.url }];
    const [first, second] = await Promise.all(
      nodes.map((node) => startServer({ ...options, ...node })),
    );
    if (first === undefined || second === undefined) throw new Error("no nodes");
    const [ann, ben] = [await connectLogClient("v2", first), await connectLogClient("v2", second)];
    for (const client of [ann, ben]) await joinLog(client, ROOM);
    await ann.push(ROOM, "said", { n: 1 });
    await waitForEvents(ben, 1);
    // As a stranger would write it, in the way in which nodes do.
    const backend = await connectBackend(redis.url);
    const [state, stream] = ["state", "stream"].map((part) => `commonroom:{log:${ROOM}}:${part}`);
    await backend.hIncrBy(state ?? "", "offset", 1);
    await backend.xAdd(stream ?? "", "2-0", { h: "garbage", p: "{}", t: "5", b: "2" });
    expect(await ben.push(ROOM, "said", { n: 3 })).toMatchObject({ response: { offset: 3 } });
    for (const client of [ann, ben]) {
      await until("the third", () => eventsOf(client).at(-1)?.offset === 3);
      expect(eventsOf(client).map(({ offset }) => offset)).toEqual([1, 3]);
    }
    const late = await connectLogClient("plain", first);
    expect(await joinLog(late, ROOM, { since: 0 })).toMatchObject({ offset: 3 });
    expect((await waitForEvents(late, 2)).map(({ offset }) => offset)).toEqual([1, 3]);
    // One at a time, since an empty page is taken for the end.
    const answer = await fetch(`${first.url}/rooms/${ROOM}/log?after=1&limit=1`);
    expect(await answer.json()).toMatchObject({ offset: 3, entries: [{ offset: 3 }] });
    expect(first.commonroom.status().counters.logMessagesRefused).toBeGreaterThan(0);
  });
});

describe("Members whose node could not hear", () => {
  it("are told where the log no longer has what they missed, and get the rest", async () => {
    const redis = await startRedis();
    const rooms = [{ match: "log:*", log: { size: 3 } }];
    const server = await startServer({ redisUrl: redis.url, rooms });
    const [page, phoenix] = [
      await connectLogClient("socket.io", server),
      await connectLogClient("v2", server),
    ];
    for (const client of [page, phoenix]) await joinLog(client, ROOM);
    server.commonroom.io.to(ROOM).emit("said", {});
    for (const client of [page, phoenix]) await waitForEvents(client, 1);
    const backend = await connectBackend(redis.url);
    const [state, stream] = ["state", "stream"].map((part) => `commonroom:{log:${ROOM}}:${part}`);
    // What another node logged, of which no word came here.
    const h = JSON.stringify({ event: "said", isBytes: false, except: [] });
    for (let offset = 2; offset <= 10; offset += 1) {
      await backend.hIncrBy(state ?? "", "offset", 1);
      await backend.hIncrBy(state ?? "", "bytes", 2);
      await backend.xAdd(stream ?? "", `${offset}-0`, {
        h,
        p: "{}",
        t: String(Date.now()),
        b: "2",
      });
    }
    await backend.xTrim(stream ?? "", "MAXLEN", 3);
    await backend.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
    const missed = { reason: "messages may have been missed", code: "messages_missed" };
    for (const client of [page, phoenix]) {
      const [, ...events] = await waitForEvents(client, 5);
      expect(events).toMatchObject([
        { offset: 8 },
        { offset: 9 },
        { offset: 10 },
        { payload: missed },
      ]);
    }
    expect(server.commonroom.status().counters.membersInterrupted).toBe(2);
  });
});

import { describe, expect, it } from "vitest";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { connectLogClient, eventsOf, joinLog } from "./log-client.ts";

const ROOM = "log:a";

describe.each(["rooms", "all"] as const)("Nodes with subscribe = %s", (redisSubscribe) => {
  it("log each message of a backend once while the node that logs them stops", async () => {
    const redis = await startRedis();
    const options = { redisUrl: redis.url, redisSubscribe, rooms: [{ match: "log:*", log: {} }] };
    const first = await startServer(options);
    const others = [await startServer(options), await startServer(options)] as const;
    const client = await connectLogClient("socket.io", others[1]);
    await joinLog(client, ROOM);
    const backend = await connectBackend(redis.url);
    let sent = 0;
    let isOver: boolean = false;
    const sending = (async () => {
      while (!isOver) {
        sent += 1;
        await backend.publish(`to:${ROOM}:told`, JSON.stringify({ n: sent }));
      }
    })();
    await until("some to be logged", () => eventsOf(client).length > 20);
    await first.commonroom.close();
    const sentThen = sent;
    await until("some more", () => sent > sentThen + 50);
    isOver = true;
    await sending;
    await until("the last", () => eventsOf(client).length >= sent);
    const numbers = eventsOf(client).map(({ payload }) => (payload as { n: number }).n);
    const sorted = numbers.toSorted((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  });
});

describe("The node that logs what backends send", () => {
  it("waits for a silent other one for a moment only, and gives up all the same", async () => {
    const redis = await startRedis();
    const server = await startServer({ redisUrl: redis.url, rooms: [{ match: "log:*", log: {} }] });
    const backend = await connectBackend(redis.url);
    const silent = await connectBackend(redis.url);
    await silent.subscribe("commonroom:log-lease", () => {});
    await server.commonroom.close();
    expect(await backend.get("commonroom:log:logger")).toBeNull();
  });
});

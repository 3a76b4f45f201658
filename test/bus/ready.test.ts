import { describe, expect, it } from "vitest";
import { startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const askReady = (url: string, method = "GET") => fetch(`${url}/ready`, { method });

describe("GET /ready", () => {
  it("is 200 on a node without Redis", async () => {
    const { url } = await startServer();
    const answer = await askReady(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({ status: "ok", redis: "off" });
    expect((await askReady(url, "HEAD")).status).toBe(200);
    expect((await askReady(url, "POST")).status).toBe(405);
  });

  it("is 503 while Redis is away, and 200 while it is there", async () => {
    const redis = await startRedis();
    const { url, commonroom } = await startServer({ redisUrl: redis.url });
    for (let round = 0; round < 2; round += 1) {
      const ready = await askReady(url);
      expect([ready.status, await ready.json()]).toEqual([200, { status: "ok", redis: "up" }]);
      await redis.stop();
      await until("the loss", () => commonroom.status().redis === "down");
      const away = await askReady(url);
      expect([away.status, await away.json()]).toEqual([
        503,
        { status: "degraded", redis: "down" },
      ]);
      await redis.start();
      await until("Redis", () => commonroom.status().redis === "up");
    }
  });
});

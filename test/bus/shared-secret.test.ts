import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";

const KEY = "commonroom:secret";
const AGREE_MS = 15_000;

/** Starts a node with a member of the lobby. */
async function startWithMember(
  redisUrl: string,
  more: CommonroomOptions = {},
): Promise<TestServer> {
  const server = await startServer({ redisUrl, ...more });
  const member = await connectSocketIo(server.url);
  const params = more.auth === undefined ? {} : { token: tokenFor("lobby", "member") };
  expect(await ask(member, "join", "lobby", params)).toMatchObject({ status: "ok" });
  return server;
}

/** Waits until each node knows the members of all. */
async function allKnow(servers: readonly TestServer[]): Promise<void> {
  const counts = (): Promise<number[]> =>
    Promise.all(
      servers.map(async ({ commonroom }) => {
        const presences = Object.values(await commonroom.presences("lobby"));
        return presences.reduce((sum, { metas }) => sum + metas.length, 0);
      }),
    );
  const isComplete = async () => (await counts()).every((count) => count === servers.length);
  await until("every node to know all members", isComplete, AGREE_MS);
}

describe("nodes that were given no secret", () => {
  it("agree on one that Redis keeps, whoever of them is first", async () => {
    const { url } = await startRedis();
    const servers = await Promise.all([1, 2, 3].map(() => startWithMember(url)));
    await allKnow(servers);
    const redis = await connectBackend(url);
    expect((await redis.get(KEY))?.length).toBeGreaterThan(40);
    for (const { logLines } of servers) expect(logLines.join()).not.toContain(await redis.get(KEY));
  });

  it("agree on another one when it was dropped and a new node has come", async () => {
    const { url } = await startRedis();
    const [first, second] = [await startWithMember(url), await startWithMember(url)];
    const redis = await connectBackend(url);
    const before = await redis.get(KEY);
    await redis.del(KEY);
    const third = await startWithMember(url);
    await allKnow([first, second, third]);
    expect(await redis.get(KEY)).not.toBe(before);
  });

  it("keep theirs when a Redis has forgotten everything", async () => {
    const redis = await startRedis();
    const servers = [await startWithMember(redis.url), await startWithMember(redis.url)];
    await allKnow(servers);
    await redis.stop();
    await redis.start();
    servers.push(await startWithMember(redis.url));
    await allKnow(servers);
  });

  it("say what is wrong where Redis can keep nothing, and go on once it can", async () => {
    const { url } = await startRedis();
    const redis = await connectBackend(url);
    await redis.sendCommand(["CONFIG", "SET", "maxmemory", "1"]);
    const server = await startServer({ redisUrl: url });
    expect(server.commonroom.status().redis).toBe("down");
    await until("the reason", () => server.logLines.some((line) => line.includes("OOM")));
    await redis.sendCommand(["CONFIG", "SET", "maxmemory", "0"]);
    await until("Redis to be up", () => server.commonroom.status().redis === "up", AGREE_MS);
  });
});

describe("nodes that were given a secret", () => {
  it.each(["a secret", "a password"])("keep none in Redis: %s", async (kind) => {
    const isPassword = kind === "a password";
    const { url } = await startRedis();
    const admin = await connectBackend(url);
    if (isPassword) await admin.sendCommand(["CONFIG", "SET", "requirepass", "a-password"]);
    const address = isPassword ? url.replace("//", "//:a-password@") : url;
    const more = isPassword ? {} : { auth: { jwtSecret: secret } };
    await allKnow([await startWithMember(address, more), await startWithMember(address, more)]);
    const redis = await connectBackend(address);
    expect(await redis.exists(KEY)).toBe(0);
  });
});

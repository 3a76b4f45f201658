import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectBackend, freePort, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

/** Starts a Sentinel of a master; it ends with the test. */
async function startSentinel(masterPort: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "commonroom-sentinel-"));
  const port = await freePort();
  const config = join(directory, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${directory}`,
    `sentinel monitor rooms 127.0.0.1 ${masterPort} 1`,
    "sentinel down-after-milliseconds rooms 500",
    "sentinel failover-timeout rooms 3000",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  const child = spawn("redis-server", [config, "--sentinel"], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(directory, { recursive: true, force: true });
  });
  return port;
}

describe("nodes on a Redis behind Sentinels", () => {
  it("follow the master when it fails", async () => {
    const master = await startRedis();
    const replica = await startRedis(["--replicaof", "127.0.0.1", String(master.port)]);
    const [nobody, port] = [await freePort(), await startSentinel(master.port)];
    const observer = await connectBackend(`redis://127.0.0.1:${port}`);
    await until(
      "the Sentinel to know the replica",
      async () => {
        const replicas = await observer.sendCommand<unknown[]>(["SENTINEL", "REPLICAS", "rooms"]);
        return JSON.stringify(replicas).includes(String(replica.port));
      },
      15_000,
    );
    const redisUrl = `redis+sentinel://127.0.0.1:${nobody},127.0.0.1:${port}/rooms`;
    const rooms = [{ match: "*", presence: false }];
    const servers = [
      await startServer({ redisUrl, rooms }),
      await startServer({ redisUrl, rooms }),
    ];
    const isUp = (): boolean =>
      servers.every(({ commonroom }) => commonroom.status().redis === "up");
    await until("Redis", isUp);
    const heard: unknown[] = [];
    for (const { url } of servers) {
      const member = await connectSocketIo(url);
      await ask(member, "join", "lobby", {});
      member.on("hello", (payload: unknown) => heard.push(payload));
    }
    await (await connectBackend(master.url)).publish("to:lobby:hello", '{"n":1}');
    await until("it", () => heard.length === 2);
    await master.stop();
    await until("the loss", () => !isUp());
    await until("the failover", isUp, 30_000);
    await (await connectBackend(replica.url)).publish("to:lobby:hello", '{"n":2}');
    await until("the next", () => heard.length === 4);
    expect(heard).toEqual([{ n: 1 }, { n: 1 }, { n: 2 }, { n: 2 }]);
  }, 60_000);
});

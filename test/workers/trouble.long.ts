import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { useOneConnection } from "./one-connection.ts";
import { startWorkers } from "./workers-process.ts";

describe("a worker that goes on making trouble", { timeout: 60_000 }, () => {
  it("and is killed again and again is started again each time, later and later, and the other goes on", async () => {
    const server = await startWorkers();
    const [, other = 0] = await server.workerPids();
    const startedMs = Date.now();
    for (let round = 0; round < 6; round += 1) {
      const victim = await until("the one to be killed", async () => {
        const pids = await server.workerPids();
        return pids.find((pid) => pid !== other);
      });
      process.kill(victim, "SIGKILL");
      await until("its end", async () => !(await server.workerPids()).includes(victim));
    }
    await until("a new one", async () => (await server.workerPids()).length === 2, 15_000);
    // 100 ms after the first end, and then twice as long each time.
    expect(Date.now() - startedMs).toBeGreaterThan(3000);
    expect((await server.workerPids()).includes(other)).toBe(true);
    expect(server.problems.every((problem) => problem.endsWith("starting it again"))).toBe(true);
    await server.health();
  });

  it("and hangs is ended, before what is meant for it fills its primary's memory", async () => {
    const server = await startWorkers();
    const connections = await Promise.all(
      [1, 2].map(async () => {
        const send = useOneConnection(server);
        return { send, worker: JSON.parse((await send("/health")).body).worker as number };
      }),
    );
    expect(new Set(connections.map(({ worker }) => worker)).size).toBe(2);
    const [victim = 0] = await server.workerPids();
    process.kill(victim, "SIGSTOP");
    const json = { "content-type": "application/json" };
    const publish = (send: ReturnType<typeof useOneConnection>, payload: string) =>
      send("/publish", JSON.stringify({ room: "lobby", event: "long", payload }), json);
    // Only the worker that goes on answers.
    const send = await Promise.any(
      connections.map(async (connection) => {
        await publish(connection.send, "first");
        return connection.send;
      }),
    );
    const text = "x".repeat(1_000_000);
    const isEnded = () => /worker [12] takes no messages any more; ending it/.test(server.stderr);
    for (let n = 0; n < 200 && !isEnded(); n += 1) await publish(send, text);
    await until("its end", isEnded, 20_000);
    await until("another in its place", () => server.problems.length === 2);
    await server.health();
  });
});

import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { runWorkers, startWorkers } from "./workers-process.ts";

describe("commonroom serve --workers", { timeout: 30_000 }, () => {
  it("says where it serves once, whatever the number of workers", async () => {
    const server = await startWorkers({ workers: "3" });
    expect(server.stdout.match(/Live page/g)).toHaveLength(1);
    expect(server.stdout).toContain("Workers     3 processes\n");
    expect(await server.workerPids()).toHaveLength(3);
    expect([...(await server.health(3)).keys()].sort()).toEqual([1, 2, 3]);
    expect(server.stderr).toBe("");
  });

  it("with 1, serves in the process itself", async () => {
    const server = await startWorkers({ workers: "1" });
    expect(await server.workerPids()).toEqual([]);
    expect(server.stdout).not.toContain("Workers");
    const answer = await fetch(`${server.url}/health`);
    expect(await answer.json()).not.toHaveProperty("worker");
  });

  it("takes the number from the environment, where no flag says it", async () => {
    const server = await startWorkers({ workers: "2", environment: { COMMONROOM_WORKERS: "3" } });
    expect(await server.workerPids()).toHaveLength(2);
  });

  it.each([
    ["0", '--workers = "0": expected a whole number from 1 to 1024, or auto'],
    ["-1", "--workers needs a value; write --workers=VALUE for one that starts with a dash"],
    ["two", '--workers = "two": expected a whole number from 1 to 1024, or auto'],
    ["1e3", '--workers = "1e3": expected a whole number from 1 to 1024, or auto'],
    ["1025", '--workers = "1025": expected a whole number from 1 to 1024, or auto'],
  ])("refuses %s workers in one line", async (workers, problem) => {
    const server = runWorkers({ workers });
    expect(await server.end()).toEqual({ exitCode: 1, signal: null });
    expect([server.stdout, server.stderr]).toEqual(["", `commonroom: ${problem}\n`]);
  });

  it("names the rooms that keep a log, which workers cannot share without Redis", async () => {
    const server = runWorkers({ flags: ["--config", "test/workers/logged-rooms.toml"] });
    expect(await server.end()).toEqual({ exitCode: 1, signal: null });
    expect([server.stdout, server.stderr]).toEqual([
      "",
      "commonroom: the log of the rooms chat:*, news needs Redis where there are several workers: set --redis, or --workers 1\n",
    ]);
  });

  it("says that ColonyOS needs Redis", async () => {
    const environment = { COLONIES_SERVER_ID: "a".repeat(64) };
    const server = runWorkers({ environment });
    await server.end();
    expect(server.stderr).toBe(
      "commonroom: [colonies] needs Redis where there are several workers: set --redis, or --workers 1\n",
    );
  });

  it("a port that is taken: one line, and 1, as with one process", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const server = runWorkers({ flags: ["--port", String(port)] });
    expect(await server.end()).toEqual({ exitCode: 1, signal: null });
    taken.close();
    expect([server.stdout, server.stderr]).toEqual([
      "",
      `commonroom: port ${port} on 127.0.0.1 is taken; choose another with --port\n`,
    ]);
  });

  it("gives up, with one line that says so and 1, when workers crash as soon as they start", async () => {
    const environment = { NODE_OPTIONS: "--import=./test/workers/crash-at-once.mjs" };
    const server = runWorkers({ environment });
    expect(await server.end()).toEqual({ exitCode: 1, signal: null });
    expect(server.stdout).toBe("");
    expect(server.problems.length).toBeLessThanOrEqual(10);
    const last =
      /^commonroom: (worker [12]) ended \(exit code 7\), the fifth time in a row; giving up$/;
    const told = server.problems.flatMap((problem) => last.exec(problem)?.[1] ?? []);
    expect(told).toHaveLength(1);
    expect(server.problems.filter((problem) => problem.includes(told.join()))).toHaveLength(5);
  });

  it("gives up, with 1, also when one alone crashes as soon as it starts; the other ends", async () => {
    const environment = {
      NODE_OPTIONS: "--import=./test/workers/crash-at-once.mjs",
      SPARED_WORKER: "2",
    };
    const server = runWorkers({ environment });
    expect(await server.end()).toEqual({ exitCode: 1, signal: null });
    const ended = "commonroom: worker 1 ended (exit code 7)";
    expect(server.problems).toEqual([
      ...Array(4).fill(`${ended}; starting it again`),
      `${ended}, the fifth time in a row; giving up`,
    ]);
  });
});

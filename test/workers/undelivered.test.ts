import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../support/until.ts";
import { startWorkers } from "./workers-process.ts";

describe("a connection on its way to a worker that dies", { timeout: 30_000 }, () => {
  it("is closed, so that its client tries again, and does not wait for ever", async () => {
    const server = await startWorkers();
    const [victim = 0] = await server.workerPids();
    process.kill(victim, "SIGSTOP");
    const answered = new Set<Socket>();
    const closed = new Set<Socket>();
    const clients = Array.from({ length: 4 }, () => {
      const client = connect(server.port, "127.0.0.1");
      onTestFinished(() => void client.destroy());
      client.on("error", () => {});
      client.on("data", () => answered.add(client));
      client.on("close", () => closed.add(client));
      client.write("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
      return client;
    });
    // The other worker answers all that Node did not set out to give to this one.
    await until("the others to be answered", () => answered.size === 3);
    process.kill(victim, "SIGKILL");
    await until("the last to be answered or closed", () =>
      clients.every((client) => answered.has(client) || closed.has(client)),
    );
    expect(closed.size).toBe(1);
  });
});

import { describe, expect, it } from "vitest";
import { connectRaw } from "../support/raw-client.ts";
import { startRedis } from "../support/redis-server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { roomLibraries } from "./room-libraries.ts";
import { startWorkers, type WorkersProcess } from "./workers-process.ts";

/** Clients of a Phoenix wire that are closed and stay away, some on each worker. */
async function connectSome(server: WorkersProcess, count = 6) {
  const clients = await Promise.all(
    Array.from({ length: count }, () => connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`)),
  );
  for (const { connections } of (await server.health()).values()) {
    expect(connections).toBeGreaterThan(0);
  }
  return clients;
}

describe("a worker that is killed", { timeout: 60_000 }, () => {
  it.each(["in memory", "on Redis"])(
    "is replaced: its clients come back, the other's notice nothing (%s)",
    async (where) => {
      const flags = where === "on Redis" ? ["--redis", (await startRedis()).url] : [];
      const server = await startWorkers({ flags });
      const members = await Promise.all(
        roomLibraries.flatMap(([name, use]) =>
          [1, 2].map(async () => ({ name, library: await use(server.port), drops: 0 })),
        ),
      );
      for (const { library } of members) await library.join("lobby", {});
      const [victim = 0, other = 0] = await server.workerPids();
      process.kill(victim, "SIGKILL");
      await until("a new worker", async () => {
        const pids = await server.workerPids();
        return pids.length === 2 && pids.includes(other) && !pids.includes(victim);
      });
      expect(server.problems).toHaveLength(1);
      expect(server.problems[0]).toMatch(
        /^commonroom: worker [12] ended \(SIGKILL\); starting it again$/,
      );
      await server.health();
      // Those that do not join again by themselves do so now; for others it changes nothing.
      const speaker = await connectSocketIo(server.url);
      await ask(speaker, "join", "lobby", {});
      for (const [at, { name, library }] of members.entries()) {
        await until(
          `${name} ${at} to hear again`,
          async () => {
            if (library.isConnected) await library.comeBack?.("lobby");
            await ask(speaker, "push", "lobby", "tick", {});
            return library.heard.some(([event]) => event === "tick");
          },
          15_000,
        );
      }
    },
  );

  it("is replaced where nobody reads the server's log any more", async () => {
    const server = await startWorkers();
    const [victim = 0] = await server.workerPids();
    server.stopReading();
    process.kill(victim, "SIGKILL");
    await until("a new worker", async () => {
      const pids = await server.workerPids();
      return pids.length === 2 && !pids.includes(victim);
    });
    await server.health();
  });

  it("closes its own clients only: those of the other worker stay, and hear each other", async () => {
    const server = await startWorkers();
    const clients = await connectSome(server);
    for (const client of clients) client.send(["1", "1", "lobby", "phx_join", {}]);
    for (const client of clients) await client.next();
    const [victim = 0] = await server.workerPids();
    process.kill(victim, "SIGKILL");
    await until("some to be closed", () => clients.some(({ isOpen }) => !isOpen));
    await server.health();
    const staying = clients.filter(({ isOpen }) => isOpen);
    expect(staying.length).toBeGreaterThan(0);
    expect(staying.length).toBeLessThan(clients.length);
    const [speaker, ...others] = [
      ...staying,
      await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`),
    ];
    const late = others.at(-1);
    late?.send(["1", "1", "lobby", "phx_join", {}]);
    await late?.next();
    speaker?.send(["1", "2", "lobby", "tick", { n: 1 }]);
    const heard = (received: readonly unknown[]) => JSON.stringify(received).includes('"tick"');
    await until("all to hear", () => others.every(({ received }) => heard(received)));
  });

  it("takes its long-poll sessions along, and their clients are told", async () => {
    const server = await startWorkers();
    const polling = await Promise.all(
      [1, 2, 3, 4].map(() =>
        connectSocketIo(server.url, {
          transports: ["polling"],
          reconnectionDelay: 20,
          reconnectionDelayMax: 50,
        }),
      ),
    );
    let disconnects = 0;
    for (const socket of polling) {
      socket.off("connect_error");
      socket.on("disconnect", () => (disconnects += 1));
    }
    const [victim = 0] = await server.workerPids();
    process.kill(victim, "SIGKILL");
    await until("its clients to notice", () => disconnects >= 1, 15_000);
    // Also those whose poll only came by way of it, on its way to the other.
    await until("all to be back", () => polling.every(({ connected }) => connected), 15_000);
  });
});

describe("the end of a server with workers", { timeout: 60_000 }, () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "at %s to the primary, each client is told to come back, and all ends with 0",
    async (signal) => {
      const server = await startWorkers();
      const clients = await connectSome(server);
      const pids = await server.workerPids();
      server.kill(signal);
      for (const client of clients) {
        expect(await client.end()).toEqual({ code: 1012, reason: "server restarting" });
      }
      expect(await server.end()).toEqual({ exitCode: 0, signal: null });
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
      expect(server.stderr).toBe("");
    },
  );

  it("is as orderly when the signal goes to every process, as from a terminal", async () => {
    const server = await startWorkers();
    const clients = await connectSome(server);
    await server.killAll("SIGINT");
    for (const client of clients) {
      expect(await client.end()).toEqual({ code: 1012, reason: "server restarting" });
    }
    expect(await server.end()).toEqual({ exitCode: 0, signal: null });
  });

  it("comes to polls that wait in another worker than their connection", async () => {
    const server = await startWorkers({ environment: {} });
    const polling = await Promise.all(
      [1, 2, 3, 4].map(() =>
        connectSocketIo(server.url, { transports: ["polling"], reconnection: false }),
      ),
    );
    const ended = polling.map(
      (socket) => new Promise<string>((resolve) => socket.on("disconnect", resolve)),
    );
    server.kill("SIGTERM");
    await Promise.all(ended);
    expect(await server.end()).toEqual({ exitCode: 0, signal: null });
  });

  it("comes at once, with 1, at a second signal", async () => {
    const server = await startWorkers({
      flags: ["--config", "test/workers/slow-drain.toml"],
    });
    const clients = await connectSome(server);
    server.kill("SIGTERM");
    await until("the drain to begin", () => clients.some(({ isOpen }) => !isOpen));
    expect(clients.some(({ isOpen }) => isOpen)).toBe(true);
    server.kill("SIGTERM");
    expect(await server.end()).toEqual({ exitCode: 1, signal: null });
  });

  it("comes to the workers too when the primary is killed", async () => {
    const server = await startWorkers();
    const pids = await server.workerPids();
    server.kill("SIGKILL");
    await server.end();
    const hasEnded = (pid: number): boolean => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    };
    await until("the workers to end", () => pids.every(hasEnded), 15_000);
  });
});

import { describe, expect, it } from "vitest";
import { heardBy, joinPlain } from "../support/plain-client.ts";
import { until } from "../support/until.ts";
import { useOneConnection } from "./one-connection.ts";
import { startWorkers, type WorkersProcess } from "./workers-process.ts";

const BIG = "x".repeat(900_000);

/** Some members of a room, on both workers. */
async function joinQuiet(server: WorkersProcess) {
  const members = await Promise.all([1, 2, 3, 4].map(() => joinPlain(server, "quiet")));
  for (const { connections } of (await server.health()).values()) {
    expect(connections).toBeGreaterThan(0);
  }
  return members;
}

/** A member of that room that is alone in another one. */
async function joinBoth(server: WorkersProcess) {
  const speaker = await joinPlain(server, "loud");
  speaker.send({ type: "_join", room: "quiet" });
  await heardBy(speaker);
  return speaker;
}

/** A connection to each worker, which says how many broadcasts it has counted as lost. */
async function lossesOfEach(server: WorkersProcess) {
  const asks = [1, 2].map(() => useOneConnection(server));
  const workers = new Set<number>();
  const losses = async (): Promise<number[]> => {
    const answers = await Promise.all(asks.map((ask) => ask("/health")));
    return answers.map(({ body }) => {
      const { worker, counters } = JSON.parse(body);
      workers.add(worker);
      return counters.adapterMessagesLost as number;
    });
  };
  await losses();
  expect(workers.size).toBe(2);
  return losses;
}

const has = (received: readonly unknown[], text: string): boolean =>
  JSON.stringify(received).includes(`"${text}"`);

describe("too much for a server with workers", { timeout: 60_000 }, () => {
  it("in one burst of one client ends no worker, and what comes later reaches all", async () => {
    const server = await startWorkers();
    const pids = await server.workerPids();
    const members = await joinQuiet(server);
    const speaker = await joinBoth(server);
    for (let n = 0; n < 150; n += 1) speaker.send({ _room: "loud", text: BIG });
    speaker.send({ type: "_leave", room: "nobody's room", _id: "burst" });
    await until("the burst to be handled", () => has(speaker.received, "burst"), 20_000);
    await until(
      "all to hear what comes later",
      async () => {
        speaker.send({ _room: "quiet", type: "later" });
        await heardBy(speaker);
        return members.every(({ received }) => has(received, "later"));
      },
      20_000,
    );
    expect(server.problems).toEqual([]);
    expect(await server.workerPids()).toEqual(pids);
  });

  it("while the primary is held up is dropped and counted, and members are told afterwards", async () => {
    const server = await startWorkers();
    const pids = await server.workerPids();
    const members = await joinQuiet(server);
    const losses = await lossesOfEach(server);
    const speaker = await joinBoth(server);
    server.kill("SIGSTOP");
    try {
      const isLost = async (): Promise<boolean> => {
        for (let n = 0; n < 10; n += 1) speaker.send({ _room: "loud", text: BIG });
        await heardBy(speaker);
        return (await losses()).some((count) => count > 0);
      };
      await until("something to be lost", isLost, 20_000);
      speaker.send({ _room: "quiet", type: "lost" });
      await heardBy(speaker);
    } finally {
      server.kill("SIGCONT");
    }
    await until(
      "each to have heard it, or to be told",
      () =>
        members.every(({ received }) => has(received, "lost") || has(received, "messages_missed")),
      20_000,
    );
    expect(members.some(({ received }) => has(received, "messages_missed"))).toBe(true);
    expect(server.problems).toEqual([]);
    expect(await server.workerPids()).toEqual(pids);
  });
});

import { describe, expect, it } from "vitest";
import type { Library } from "../parity/library.ts";
import { startRedis } from "../support/redis-server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { openTower } from "../support/tower-client.ts";
import { until } from "../support/until.ts";
import { roomLibraries } from "./room-libraries.ts";
import { startWorkers, type WorkersProcess } from "./workers-process.ts";

const ROOM = "job_events-42";
const EACH = 20;

/** What a member heard of the others' pushes, in its order. */
interface Ear {
  readonly name: string;
  readonly heard: () => readonly { readonly by: string; readonly n: number }[];
}

/** Two of each client library, and two Tower pages, all in one room. */
async function joinAll(server: WorkersProcess) {
  const members: { readonly name: string; readonly library: Library }[] = [];
  for (const [name, use] of roomLibraries) {
    for (const which of ["first", "second"]) {
      const library = await use(server.port);
      expect(await library.join(ROOM, {})).toMatchObject({ status: "ok" });
      members.push({ name: `${which} ${name}`, library });
    }
  }
  const ears: Ear[] = members.map(({ name, library }) => ({
    name,
    heard: () =>
      library.heard.filter(([event]) => event === "tick").map(([, payload]) => payload) as never,
  }));
  for (const name of ["first Tower", "second Tower"]) {
    const page = await openTower(`${server.wsUrl}/websocket/`);
    await page.groups({ job_events: [42] });
    ears.push({ name, heard: () => page.frames.map((frame) => JSON.parse(frame)) as never });
  }
  return { members, ears };
}

/** Every member's pushes reach all others once, in its order, wherever they are. */
async function expectOneRoom(server: WorkersProcess): Promise<void> {
  const { members, ears } = await joinAll(server);
  for (const { connections } of (await server.health()).values()) {
    expect(connections).toBeGreaterThan(0);
  }
  await Promise.all(
    members.map(async ({ name, library }) => {
      const pushes = Array.from({ length: EACH }, (_, n) =>
        library.push?.(ROOM, "tick", { by: name, n }),
      );
      for (const reply of await Promise.all(pushes)) expect(reply?.status).toBe("ok");
    }),
  );
  for (const { name, heard } of ears) {
    const others = members.filter((member) => member.name !== name);
    await until(`${name} to hear all`, () => heard().length >= others.length * EACH, 10_000);
    for (const other of others) {
      const fromOther = heard().filter(({ by }) => by === other.name);
      expect(fromOther.map(({ n }) => n)).toEqual(Array.from({ length: EACH }, (_, n) => n));
    }
    expect(heard()).toHaveLength(others.length * EACH);
  }
}

describe("a room with members on two workers", { timeout: 60_000 }, () => {
  it("is one room for clients of every dialect", async () => {
    await expectOneRoom(await startWorkers());
  });

  it("is one room also where the workers meet on Redis", async () => {
    const redis = await startRedis();
    await expectOneRoom(await startWorkers({ flags: ["--redis", redis.url] }));
  });

  it("gets what is posted to any worker, with its numbers as they were written", async () => {
    const server = await startWorkers();
    const natives = await Promise.all([1, 2, 3, 4].map(() => connectSocketIo(server.url)));
    const heard: string[] = [];
    for (const native of natives) {
      await ask(native, "join", "lobby", {});
      native.io.engine.on("packet", ({ data }) => {
        if (String(data).includes('"posted"')) heard.push(String(data));
      });
    }
    const payload = '{"big":12345678901234567890,"one":1.0}';
    for (const expected of [4, 8]) {
      const answer = await fetch(`${server.url}/publish`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close" },
        body: `{"room":"lobby","event":"posted","payload":${payload}}`,
      });
      expect(answer.status).toBe(200);
      await until("all to hear it", () => heard.length === expected);
    }
    for (const packet of heard) expect(packet).toContain(payload);
  });

  it("is opened by a token of any worker, also in an open house", async () => {
    const server = await startWorkers();
    const answer = await fetch(`${server.url}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ channel: "lobby", id: "ann" }),
    });
    const { token } = (await answer.json()) as { token: string };
    for (let n = 0; n < 4; n += 1) {
      const native = await connectSocketIo(server.url);
      expect(await ask(native, "join", "lobby", { token })).toMatchObject({ status: "ok" });
    }
  });

  it("has one presence: who is in the other worker is there, and leaves with it", async () => {
    const server = await startWorkers();
    const natives = await Promise.all([1, 2, 3, 4].map(() => connectSocketIo(server.url)));
    const present = natives.map((native) => {
      const keys = new Set<string>();
      native.on("presence_state", (state: object) => {
        for (const key of Object.keys(state)) keys.add(key);
      });
      native.on("presence_diff", ({ joins, leaves }: { joins: object; leaves: object }) => {
        for (const key of Object.keys(leaves)) keys.delete(key);
        for (const key of Object.keys(joins)) keys.add(key);
      });
      return keys;
    });
    for (const native of natives) await ask(native, "join", "lobby", {});
    await until("all to see all", () => present.every(({ size }) => size === 4));
    for (const native of natives) native.io.reconnection(false);
    const [victim = 0] = await server.workerPids();
    process.kill(victim, "SIGKILL");
    await until("its clients to notice", () => natives.some(({ connected }) => !connected));
    await until(
      "those that stay to see only themselves",
      () => {
        const staying = natives.filter(({ connected }) => connected);
        const seen = present.filter((_keys, at) => natives[at]?.connected);
        return seen.every(({ size }) => size === staying.length);
      },
      15_000,
    );
  });

  it("carries bytes from one worker to the other", async () => {
    const server = await startWorkers();
    const natives = await Promise.all([1, 2, 3, 4].map(() => connectSocketIo(server.url)));
    const heard: Buffer[] = [];
    for (const native of natives) {
      await ask(native, "join", "lobby", {});
      native.on("bytes", (payload: Buffer) => heard.push(payload));
    }
    const bytes = Buffer.from([0, 10, 255]);
    await ask(natives[0] as never, "push", "lobby", "bytes", bytes);
    await until("the others to hear", () => heard.length === 3);
    for (const payload of heard) expect(payload).toEqual(bytes);
  });
});

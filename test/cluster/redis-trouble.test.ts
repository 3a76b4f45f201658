import type { RedisClientType } from "redis";
import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { connectBackend, type RedisServer, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";
import { hearAgain, type Node, readyAt, startWitnessed, type Witness } from "./trouble-scene.ts";

/** From the beginning of the trouble until a node has to know of it. */
const NOTICE_MS = 5000;
const READY = { status: 200, body: { status: "ok", redis: "up" } };
const NOT_READY = { status: 503, body: { status: "degraded", redis: "down" } };

const isUp = ({ server }: Node): boolean => server.commonroom.status().redis === "up";
const countersOf = ({ server }: Node) => server.commonroom.status().counters;

/** A node behind a proxy, and one that reaches Redis by itself. */
async function setUp(options: CommonroomOptions = {}) {
  const redis = await startRedis();
  const proxy = await TcpProxy.start(redis.port);
  const near = await startWitnessed(`redis://127.0.0.1:${proxy.port}`, options);
  const far = await startWitnessed(redis.url, options);
  return { redis, proxy, near, far, nodes: [near, far] };
}

/** Waits until everyone in the lobby of these nodes hears what the others say there. */
async function hearEachOther(nodes: readonly Node[], n: number): Promise<void> {
  nodes[0]?.say("lobby", n);
  await until(`everyone to hear ${n}`, () =>
    nodes.every(({ witnesses }) => witnesses.every(({ heard }) => heard.includes(`hello ${n}`))),
  );
}

/** Breaks the connections of nodes that do not listen. */
async function killPublishers(backend: RedisClientType): Promise<void> {
  const clients = await backend.sendCommand<string>(["CLIENT", "LIST", "TYPE", "NORMAL"]);
  const own = await backend.sendCommand<number>(["CLIENT", "ID"]);
  for (const [, id = ""] of clients.matchAll(/^id=(\d+) /gm)) {
    if (Number(id) !== own) await backend.sendCommand(["CLIENT", "KILL", "ID", id]);
  }
}

/** What was heard, with phoenix.js's own part of it: it joins again. */
function heardBy({ name, heard }: Witness): string[] {
  return name === "phoenix" ? heard.filter((line) => line !== "joined") : heard;
}

const troubles: readonly {
  readonly what: string;
  begin(redis: RedisServer, proxy: TcpProxy): Promise<void>;
  end(redis: RedisServer, proxy: TcpProxy): Promise<void>;
  readonly isEverywhere: boolean;
}[] = [
  {
    what: "is stopped as a process",
    begin: async (redis) => redis.signal("SIGSTOP"),
    end: async (redis) => redis.signal("SIGCONT"),
    isEverywhere: true,
  },
  {
    what: "is paused",
    begin: async ({ url }) => {
      await (await connectBackend(url)).sendCommand(["CLIENT", "PAUSE", "7000", "ALL"]);
    },
    end: async () => {},
    isEverywhere: true,
  },
  {
    what: "gets no packets any more, and no connection says so",
    begin: async (_redis, proxy) => proxy.swallow(),
    end: async (_redis, proxy) => proxy.passOn(),
    isEverywhere: false,
  },
];

describe.each(troubles)("a Redis that $what", ({ begin, end, isEverywhere }) => {
  it("is found out within 5 s; once it is back all is heard again, and members are told", async () => {
    const { redis, proxy, near, far, nodes } = await setUp();
    const concerned = isEverywhere ? nodes : [near];
    await hearEachOther(nodes, 1);
    for (const node of nodes) expect(await readyAt(node.server)).toEqual(READY);
    const startedMs = Date.now();
    await begin(redis, proxy);
    await until("the trouble to be noticed", () => !concerned.some(isUp), NOTICE_MS);
    const noticedMs = Date.now() - startedMs;
    expect(noticedMs).toBeLessThan(NOTICE_MS);
    for (const node of concerned) expect(await readyAt(node.server)).toEqual(NOT_READY);
    // Lost for the members on the other side, but in the log.
    if (!isEverywhere) {
      far.say("lobby", 2);
      far.say("log:a", 2);
    }
    await end(redis, proxy);
    await until("Redis to be there again", () => nodes.every(isUp), 10_000);
    for (const node of nodes) expect(await readyAt(node.server)).toEqual(READY);
    await until("the members to be told", () =>
      concerned.every(({ witnesses }) => witnesses.every(({ heard }) => heard.includes("missed"))),
    );
    await until("Phoenix's to be in again", () =>
      concerned.every(({ witnesses }) => witnesses[0]?.heard.includes("joined")),
    );
    await hearEachOther(nodes, 3);
    for (const witness of concerned.flatMap(({ witnesses }) => witnesses)) {
      expect(heardBy(witness)).toEqual(["hello 1", "missed", "hello 3"]);
    }
    if (!isEverywhere) {
      expect(near.logged.heard).toEqual(["hello 2"]);
      expect(far.witnesses.map(heardBy)).toEqual(Array(3).fill(["hello 1", "hello 2", "hello 3"]));
    }
    for (const node of concerned) {
      expect(countersOf(node)).toMatchObject({ redisLosses: 1, redisSilences: 1 });
      // The three witnesses, and the one that speaks.
      expect(countersOf(node).membersInterrupted).toBe(4);
    }
  }, 40_000);
});

describe("a node that could not send for a time", () => {
  it("has the members of others told, in the rooms of what was lost, and those alone", async () => {
    const { proxy, near, far, nodes } = await setUp();
    const elsewhere = await connectSocketIo(far.server.url);
    await ask(elsewhere, "join", "elsewhere", {});
    const told: unknown[] = [];
    elsewhere.on("missed", (reason: unknown) => told.push(reason));
    await hearEachOther(nodes, 1);
    proxy.cut();
    await until("the loss", () => !isUp(near));
    near.say("lobby", 2);
    near.say("log:a", 2);
    await until("the broadcast to be lost", () => countersOf(near).adapterMessagesLost === 1);
    proxy.restore();
    await until("Redis", () => nodes.every(isUp));
    await until("Phoenix's to be in again", () =>
      nodes.every(({ witnesses }) => witnesses[0]?.heard.includes("joined")),
    );
    await hearEachOther(nodes, 3);
    for (const witness of far.witnesses) {
      expect(heardBy(witness)).toEqual(["hello 1", "missed", "hello 3"]);
    }
    for (const witness of near.witnesses) {
      expect(heardBy(witness)).toEqual(["hello 1", "hello 2", "missed", "hello 3"]);
    }
    expect(countersOf(far)).toMatchObject({ redisLosses: 0, membersInterrupted: 4 });
    expect(told).toEqual([]);
  });

  it.each<CommonroomOptions>([{}, { redisAdapter: "classic" }])(
    "has them told, too, although it heard all the time, with the settings %o",
    async (options) => {
      const { redis, near, far, nodes } = await setUp(options);
      const backend = await connectBackend(redis.url);
      await hearEachOther(nodes, 1);
      let n = 1;
      await until("a broadcast to be lost", async () => {
        await killPublishers(backend);
        n += 1;
        near.say("lobby", n);
        return countersOf(near).adapterMessagesLost > 0;
      });
      await until("Redis", () => nodes.every(isUp));
      await until("the others to be told", () =>
        far.witnesses.every(({ heard }) => heard.includes("missed")),
      );
      await hearAgain(nodes, n + 1);
      for (const { heard } of near.witnesses) expect(heard).not.toContain("missed");
      expect(countersOf(near).membersInterrupted).toBe(0);
    },
  );
});

describe("a Redis that takes longer than a join waits to let a node hear a room", () => {
  it.each<CommonroomOptions>([{}, { redisAdapter: "classic" }])(
    "has those told who were let in meanwhile, and nobody else, with the settings %o",
    async (options) => {
      const redis = await startRedis();
      const { commonroom, url } = await startServer({ redisUrl: redis.url, ...options });
      const told: unknown[] = [];
      const members = await Promise.all([1, 2].map(() => connectSocketIo(url)));
      const [early, late] = members;
      for (const [index, member] of members.entries()) {
        member.on("missed", ({ code }, { room }) => told.push([index, code, room]));
        await ask(member, "join", "early", {});
      }
      redis.signal("SIGSTOP");
      const joins = ["late", "later"].map((room) => late && ask(late, "join", room, {}));
      expect(await Promise.all(joins)).toMatchObject([{ status: "ok" }, { status: "ok" }]);
      expect(told).toEqual([]);
      redis.signal("SIGCONT");
      await until("the member to be told", () => told.length >= 2);
      // One that comes once the rooms are heard has missed nothing.
      for (const room of ["late", "later"]) if (early) await ask(early, "join", room, {});
      expect(told).toEqual(["late", "later"].map((room) => [1, "messages_missed", room]));
      const { redisLosses, membersInterrupted } = commonroom.status().counters;
      expect({ redisLosses, membersInterrupted }).toEqual({
        redisLosses: 0,
        membersInterrupted: 2,
      });
    },
  );
});

describe("a Redis that breaks connections", () => {
  it.each([
    ["those that listen", ["CLIENT", "KILL", "TYPE", "pubsub"]],
    ["all", ["CLIENT", "KILL", "TYPE", "normal"]],
  ])("%s: they are made anew, and nothing is heard twice", async (_what, command) => {
    const { redis, nodes } = await setUp();
    await hearEachOther(nodes, 1);
    const backend = await connectBackend(redis.url);
    await backend.sendCommand(command);
    await until("the loss", () => nodes.every((node) => countersOf(node).redisLosses === 1));
    await until("Redis", () => nodes.every(isUp));
    const isToldAll = command[3] === "pubsub";
    if (isToldAll) {
      await until("Phoenix's to be in again", () =>
        nodes.every(({ witnesses }) => witnesses[0]?.heard.includes("joined")),
      );
    }
    await hearEachOther(nodes, 2);
    for (const witness of nodes.flatMap(({ witnesses }) => witnesses)) {
      const between = isToldAll ? ["missed"] : [];
      expect(heardBy(witness)).toEqual(["hello 1", ...between, "hello 2"]);
    }
  });

  it("whose listener is too slow for it: members are told, and the next message comes", async () => {
    const { redis, nodes } = await setUp();
    const backend = await connectBackend(redis.url);
    const limit = "pubsub 100kb 100kb 1";
    await backend.sendCommand(["CONFIG", "SET", "client-output-buffer-limit", limit]);
    await backend.publish("to:lobby:big", JSON.stringify("x".repeat(300_000)));
    await until("the loss", () => nodes.every((node) => countersOf(node).redisLosses === 1));
    await until("Phoenix's to be in again", () =>
      nodes.every(({ witnesses }) => witnesses[0]?.heard.includes("joined")),
    );
    await hearEachOther(nodes, 1);
  });
});

describe("a Redis that is a replica after a failover", () => {
  it("counts as gone until it is a master again", async () => {
    const { redis, near, nodes } = await setUp();
    const other = await startRedis();
    const backend = await connectBackend(redis.url);
    await hearEachOther(nodes, 1);
    await backend.sendCommand(["REPLICAOF", "127.0.0.1", String(other.port)]);
    await until("the failover to be noticed", () => !nodes.some(isUp), NOTICE_MS);
    expect(await readyAt(near.server)).toEqual(NOT_READY);
    const { redisLosses } = countersOf(near);
    const laterMs = Date.now() + 1500;
    await until("some time to pass", () => Date.now() > laterMs || isUp(near));
    expect(countersOf(near).redisLosses).toBe(redisLosses);
    await backend.sendCommand(["REPLICAOF", "NO", "ONE"]);
    await until("Redis", () => nodes.every(isUp));
    await until("Phoenix's to be in again", () =>
      nodes.every(({ witnesses }) => witnesses[0]?.heard.includes("joined")),
    );
    await hearEachOther(nodes, 2);
  }, 30_000);
});

describe("a Redis that is killed, and started again without what it had", () => {
  it("is used as before; members of logged rooms are told, too, since the log is lost", async () => {
    const { redis, near, far, nodes } = await setUp();
    near.say("log:a", 1);
    await until("it", () => nodes.every(({ logged }) => logged.heard.length === 1));
    await redis.stop();
    await until("the loss", () => !nodes.some(isUp));
    await redis.start();
    await until("Redis", () => nodes.every(isUp));
    await until("Phoenix's to be in again", () =>
      nodes.every(({ witnesses }) => witnesses[0]?.heard.includes("joined")),
    );
    await hearEachOther(nodes, 2);
    const backend = await connectBackend(redis.url);
    let n = 2;
    await until("one of the nodes to log what backends send", async () => {
      n += 1;
      await backend.publish("to:log:a:hello", JSON.stringify({ n }));
      return far.logged.heard.some((line) => line.startsWith("hello") && line !== "hello 1");
    });
    near.say("log:a", 0);
    // What the backend has sent before may be logged after it.
    await until("both to hear all of it", () => {
      const [one = [], other = []] = nodes.map(({ logged }) => logged.heard);
      return one.includes("hello 0") && one.join() === other.join();
    });
    expect(near.logged.heard).toEqual(far.logged.heard);
    expect(near.logged.heard.slice(0, 2)).toEqual(["hello 1", "missed"]);
    expect(new Set(near.logged.heard).size).toBe(near.logged.heard.length);
  });
});

describe("a Redis that is out of memory", () => {
  it("refuses logged rooms what it cannot keep; the others go on, and nobody is told", async () => {
    const { redis, near, far, nodes } = await setUp();
    const backend = await connectBackend(redis.url);
    await backend.sendCommand(["CONFIG", "SET", "maxmemory", "1"]);
    await hearEachOther(nodes, 1);
    near.say("log:a", 1);
    const laterMs = Date.now() + 5000;
    await until("longer than a silence is borne", () => Date.now() > laterMs, 6000);
    await backend.publish("to:log:a:hello", JSON.stringify({ n: 2 }));
    await until("its loss to be counted", () =>
      nodes.some((node) => countersOf(node).logMessagesLost === 1),
    );
    expect(nodes.every(isUp)).toBe(true);
    await backend.sendCommand(["CONFIG", "SET", "maxmemory", "0"]);
    await until("a message to be logged", () => {
      near.say("log:a", 3);
      return far.logged.heard.length > 0;
    });
    expect(far.logged.heard[0]).toBe("hello 3");
    for (const witness of nodes.flatMap(({ witnesses }) => witnesses)) {
      expect(heardBy(witness)).toEqual(["hello 1"]);
    }
    for (const node of nodes) expect(countersOf(node).redisLosses).toBe(0);
  }, 30_000);
});

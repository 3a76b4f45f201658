import calculateSlot from "cluster-key-slot";
import { describe, expect, it } from "vitest";
import {
  ColoniesClient,
  deriveId,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { type Node, readyAt, startWitnessed } from "./trouble-scene.ts";

const COLONY = "my-colony";
const user = generatePrivateKey();
const colonies = {
  colonies: [{ name: COLONY, id: deriveId(generatePrivateKey()) }],
  users: [{ colony: COLONY, name: "ann", id: deriveId(user) }],
};
const NOTICE_MS = 5000;
const FAILOVER_MS = 30_000;

const isUp = ({ server }: Node): boolean => server.commonroom.status().redis === "up";

/** Rooms whose channels and logs are on all masters: names that also try the rule of the braces. */
const rooms = Array.from({ length: 24 }, (_, index) =>
  index % 2 === 0 ? `r${index}` : `log:}{${index}`,
);

/** Two nodes, each with a member of every room. */
async function setUp({ url }: RedisCluster) {
  const options = {
    redisUrl: url,
    colonies,
    rooms: [{ match: "log:*", log: {} }, { match: "*" }],
  };
  const servers = [await startServer(options), await startServer(options)] as const;
  const [near, far] = [
    await connectSocketIo(servers[0].url),
    await connectSocketIo(servers[1].url),
  ];
  const heard: string[] = [];
  far.on("hello", ({ n }: { n: number }, { room }: { room: string }) => {
    heard.push(`${room} ${n}`);
  });
  for (const room of rooms) {
    for (const member of [near, far]) {
      const reply = await ask(member, "join", room, { meta: { name: "ann" } });
      expect(reply.status).toBe("ok");
    }
  }
  return { servers, near, far, heard };
}

async function presencesIn(room: string, url: string): Promise<object> {
  return (await fetch(`${url}/rooms/${room}/presence`)).json() as Promise<object>;
}

describe("two nodes on a Redis Cluster", () => {
  it("have rooms, logs, presence, backends and ColonyOS on all of its servers", async () => {
    const cluster = await startRedisCluster();
    const { servers, near, far, heard } = await setUp(cluster);
    const slots = new Set(rooms.map((room) => Math.floor(calculateSlot(`{log:${room}}`) / 5462)));
    expect(slots.size).toBe(3);

    for (const room of rooms) {
      const reply = await ask(near, "push", room, "hello", { n: 1 });
      expect(reply).toMatchObject({ status: "ok" });
    }
    for (const [index, room] of rooms.entries()) {
      const backend = cluster.clients[index % cluster.clients.length];
      await backend?.publish(`to:${room}:hello`, JSON.stringify({ n: 2 }));
    }
    const expected = rooms.flatMap((room) => [`${room} 1`, `${room} 2`]);
    await until("all to be heard", () => heard.length >= expected.length);
    expect([...heard].sort()).toEqual([...expected].sort());

    const late = await connectSocketIo(servers[1].url);
    const recovered: unknown[] = [];
    late.on("hello", ({ n }: { n: number }) => recovered.push(n));
    const joined = await ask(late, "join", "log:}{1", { since: 0 });
    expect(joined.response).toMatchObject({ recovered: true, offset: 2 });
    await until("the log", () => recovered.length === 2);
    expect(recovered).toEqual([1, 2]);

    const shards = await Promise.all(
      cluster.clients.map((client) => client.sendCommand<string[]>(["PUBSUB", "SHARDCHANNELS"])),
    );
    for (const channels of shards) expect(channels.length).toBeGreaterThan(0);
    expect(shards.flat()).toContain("socket.io#/#r0#");

    const { io } = servers[0].commonroom;
    expect(await io.in("r0").fetchSockets()).toHaveLength(2);
    for (const member of [near, far]) member.on("asked", (answer: () => void) => answer());
    expect(await io.to("r2").timeout(NOTICE_MS).emitWithAck("asked")).toHaveLength(2);

    const readPresences = () => Promise.all(servers.map(({ url }) => presencesIn("r0", url)));
    const knowBoth = (shown: object[]) => shown.every((each) => Object.keys(each).length === 2);
    await until("both nodes to show both", async () => knowBoth(await readPresences()), NOTICE_MS);
    const [atNear, atFar] = await readPresences();
    expect(atFar).toEqual(atNear);

    const ann = new ColoniesClient({ host: "127.0.0.1", port: servers[0].port });
    ann.setPrivateKey(user);
    const spec = {
      funcname: "speak",
      conditions: { colonyname: COLONY, executortype: "any" },
      channels: ["output"],
    };
    const { processid } = await ann.submitFunctionSpec(spec);
    const elsewhere = new ColoniesClient({ host: "127.0.0.1", port: servers[1].port });
    elsewhere.setPrivateKey(user);
    expect(await elsewhere.getProcess(processid)).toMatchObject({ processid });
    await elsewhere.channelAppend(processid, "output", 1, 0, "Hello");
    expect(await ann.channelRead(processid, "output", 0, 10)).toMatchObject([{ payload: "Hello" }]);

    for (const { commonroom } of servers) {
      const { counters } = commonroom.status();
      expect(counters).toMatchObject({
        redisLosses: 0,
        adapterMessagesLost: 0,
        busMessagesLost: 0,
      });
    }
  }, 60_000);

  it("count each other's members with the classic adapter too", async () => {
    const { url: redisUrl } = await startRedisCluster();
    const options = { redisUrl, redisAdapter: "classic" } as const;
    const servers = [await startServer(options), await startServer(options)] as const;
    for (const { url } of servers) await ask(await connectSocketIo(url), "join", "lobby", {});
    expect(await servers[0].commonroom.io.in("lobby").fetchSockets()).toHaveLength(2);
    expect(await servers[1].commonroom.io.in("lobby").fetchSockets()).toHaveLength(2);
  }, 60_000);

  it("notice that one master is dead, tell their members, and go on with its replica", async () => {
    const cluster = await startRedisCluster({ hasReplicas: true });
    const nodes = [await startWitnessed(cluster.url), await startWitnessed(cluster.url)];
    const everywhere = (n: number): boolean =>
      nodes.every(
        ({ witnesses, logged }) =>
          logged.heard.includes(`hello ${n}`) &&
          witnesses.every(({ heard }) => heard.includes(`hello ${n}`)),
      );
    nodes[0]?.say("lobby", 1);
    nodes[1]?.say("log:a", 1);
    await until("the first", () => everywhere(1));
    const dead = Math.floor(calculateSlot("socket.io#/#lobby#") / 5462);
    await cluster.masters[dead]?.stop();
    await until("the loss to be noticed", () => !nodes.some(isUp), NOTICE_MS);
    for (const { server } of nodes) expect((await readyAt(server)).status).toBe(503);
    await until("the replica to be found", () => nodes.every(isUp), FAILOVER_MS);
    const isTold = ({ heard }: { heard: readonly string[] }): boolean => heard.includes("missed");
    await until("all to be told", () => nodes.every(({ witnesses }) => witnesses.every(isTold)));
    const phoenix = nodes.flatMap(({ witnesses }) =>
      witnesses.filter(({ name }) => name === "phoenix"),
    );
    await until("the rejoins", () => phoenix.every(({ heard }) => heard.includes("joined")));
    nodes[0]?.say("lobby", 2);
    nodes[1]?.say("log:a", 2);
    await until("the next", () => everywhere(2));
    for (const { logged } of nodes) {
      expect(logged.heard.filter((line) => line.startsWith("hello"))).toEqual([
        "hello 1",
        "hello 2",
      ]);
    }
  }, 90_000);
});

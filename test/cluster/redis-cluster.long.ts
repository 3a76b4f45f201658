import calculateSlot from "cluster-key-slot";
import { describe, expect, it, onTestFinished } from "vitest";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";
import { hearAgain, type Node, startWitnessed } from "./trouble-scene.ts";

const NOTICE_MS = 5000;
const BACK_MS = 30_000;

const isUp = ({ server }: Node): boolean => server.commonroom.status().redis === "up";

/** A room whose messages are on a certain master. */
function roomAt(index: number): string {
  const names = Array.from({ length: 100 }, (_, nth) => `r${nth}`);
  const isThere = (room: string): boolean =>
    Math.floor(calculateSlot(`socket.io#/#${room}#`) / 5462) === index;
  return names.find(isThere) ?? "";
}

/** Puts a proxy before one master, which the cluster then gives as its address. */
async function behindProxy({ masters, clients }: RedisCluster, index: number): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(masters[index]?.port ?? 0);
  const port = String(proxy.port);
  await clients[index]?.sendCommand(["CONFIG", "SET", "cluster-announce-port", port]);
  await until("all to know the proxy", async () => {
    const told = await Promise.all(
      clients.map((client) => client.sendCommand(["CLUSTER", "SLOTS"])),
    );
    return told.every((slots) => JSON.stringify(slots).includes(port));
  });
  return proxy;
}

describe("a node on a Redis Cluster", () => {
  it.each([0, 1, 2])(
    "notices that master %i says nothing any more, and goes on when it is back",
    async (index) => {
      const cluster = await startRedisCluster();
      const node = await startWitnessed(cluster.url);
      const master = cluster.masters[index];
      const startedMs = Date.now();
      master?.signal("SIGSTOP");
      await until("the silence to be noticed", () => !isUp(node), NOTICE_MS);
      expect(Date.now() - startedMs).toBeLessThan(NOTICE_MS);
      master?.signal("SIGCONT");
      await until("the cluster to be back", () => isUp(node), BACK_MS);
      await hearAgain([node], 1);
    },
    90_000,
  );
});

describe("a listening connection to one master of a Redis Cluster", () => {
  it.each([0, 1, 2])(
    "is found out within 5 s to be silent while another brings messages: master %i",
    async (silent) => {
      const cluster = await startRedisCluster();
      const proxy = await behindProxy(cluster, silent);
      const node = await startWitnessed(cluster.url);
      const other = await startServer({ redisUrl: cluster.url, rooms: [{ match: "*" }] });
      const [speaker, listener] = [
        await connectSocketIo(other.url),
        await connectSocketIo(node.server.url),
      ];
      const busyRoom = roomAt((silent + 1) % 3);
      for (const room of [busyRoom, roomAt(silent)]) await ask(listener, "join", room, {});
      await ask(speaker, "join", busyRoom, {});
      let heard = 0;
      listener.on("hello", () => {
        heard += 1;
      });
      const talking = setInterval(() => speaker.emit("push", busyRoom, "hello", {}), 100);
      onTestFinished(() => clearInterval(talking));
      await until("the busy room to be heard", () => heard > 5);
      const clients = String(await cluster.clients[silent]?.sendCommand(["CLIENT", "LIST"]));
      const listening = clients.split("\n").filter((line) => / ssub=[1-9]/.test(line));
      expect(listening.length).toBeGreaterThan(0);
      for (const line of listening) proxy.swallowOne(Number(/ addr=\S+:(\d+)/.exec(line)?.[1]));
      const heardBefore = heard;
      await until("the silence to be noticed", () => !isUp(node), NOTICE_MS);
      expect(heard).toBeGreaterThan(heardBefore + 10);
      await until("the cluster to be back", () => isUp(node), BACK_MS);
      await hearAgain([node], 1);
    },
    90_000,
  );
});

describe("two nodes on a Redis Cluster", () => {
  it("follow a room whose slot moves to another master", async () => {
    const cluster = await startRedisCluster();
    const nodes = [await startWitnessed(cluster.url), await startWitnessed(cluster.url)];
    const last = await hearAgain(nodes, 1);
    const slot = calculateSlot("socket.io#/#lobby#");
    const target = (Math.floor(slot / 5462) + 1) % 3;
    const id = await cluster.clients[target]?.sendCommand<string>(["CLUSTER", "MYID"]);
    const order = [target, (target + 1) % 3, (target + 2) % 3];
    for (const index of order) {
      const command = ["CLUSTER", "SETSLOT", String(slot), "NODE", id ?? ""];
      await cluster.clients[index]?.sendCommand(command);
    }
    const isTold = ({ heard }: { heard: readonly string[] }): boolean => heard.includes("missed");
    await until("all to be told", () => nodes.every(({ witnesses }) => witnesses.every(isTold)));
    await hearAgain(nodes, last + 100);
  }, 60_000);

  it("say what is wrong where the address is that of a single server", async () => {
    const cluster = await startRedisCluster();
    const redisUrl = cluster.masters[0]?.url ?? "";
    const { commonroom, logLines } = await startServer({ redisUrl });
    expect(commonroom.status().redis).toBe("down");
    await until("the reason", () => logLines.some((line) => line.includes("redis+cluster:")));
  }, 60_000);

  it("say what is wrong where the server is none of a cluster", async () => {
    const { port } = await startRedis();
    const { commonroom, logLines } = await startServer({
      redisUrl: `redis+cluster://127.0.0.1:${port}`,
    });
    expect(commonroom.status().redis).toBe("down");
    await until("the reason", () => logLines.some((line) => line.includes("cluster support")));
  }, 60_000);
});

import type { RedisClientType } from "redis";
import { connectBackend, freePort, type RedisServer, startRedis } from "./redis-server.ts";
import { until } from "./until.ts";

/** A real Redis Cluster of the test's own. */
export interface RedisCluster {
  /** For a node of Commonroom. */
  readonly url: string;
  readonly masters: readonly RedisServer[];
  /** One of each master, in the same order; empty where there are none. */
  readonly replicas: readonly RedisServer[];
  /** Commands to each master, in the same order. They end with the test. */
  readonly clients: readonly RedisClientType[];
}

const MASTERS = 3;
const SLOTS = 16_384;
/** After this the others take a master for dead. */
const NODE_TIMEOUT_MS = 1000;
const SETTLE_MS = 20_000;

/** Starts a cluster of three masters, and waits until it serves. It ends with the test. */
export async function startRedisCluster({ hasReplicas = false } = {}): Promise<RedisCluster> {
  const members = await Promise.all(
    Array.from({ length: hasReplicas ? 2 * MASTERS : MASTERS }, startMember),
  );
  const servers = members.map(({ server }) => server);
  const clients = await Promise.all(servers.map(({ url }) => connectBackend(url)));
  await Promise.all(clients.slice(0, MASTERS).map(giveSlots));
  for (const [index, client] of clients.entries()) {
    await client.sendCommand(["CONFIG", "SET", "cluster-replica-validity-factor", "0"]);
    await client.sendCommand(["CLUSTER", "SET-CONFIG-EPOCH", String(index + 1)]);
  }
  for (const { server, busPort } of members.slice(1)) {
    const address = ["127.0.0.1", String(server.port), String(busPort)];
    await clients[0]?.sendCommand(["CLUSTER", "MEET", ...address]);
  }
  await until("all to know each other", () => all(clients, knows(servers.length)), SETTLE_MS);
  await Promise.all(clients.slice(MASTERS).map((client, index) => follow(client, clients[index])));
  await until("the cluster to serve", () => all(clients, serves), SETTLE_MS);
  const masters = servers.slice(0, MASTERS);
  return {
    url: `redis+cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join()}`,
    masters,
    replicas: servers.slice(MASTERS),
    clients: clients.slice(0, MASTERS),
  };
}

async function startMember(): Promise<{ server: RedisServer; busPort: number }> {
  const busPort = await freePort();
  const timeout = String(NODE_TIMEOUT_MS);
  const flags = ["--cluster-enabled", "yes", "--cluster-node-timeout", timeout];
  return { server: await startRedis([...flags, "--cluster-port", String(busPort)]), busPort };
}

async function giveSlots(client: RedisClientType, index: number): Promise<void> {
  const from = Math.floor((index * SLOTS) / MASTERS);
  const to = Math.floor(((index + 1) * SLOTS) / MASTERS) - 1;
  await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(from), String(to)]);
}

async function follow(replica: RedisClientType, master?: RedisClientType): Promise<void> {
  const id = await master?.sendCommand<string>(["CLUSTER", "MYID"]);
  await replica.sendCommand(["CLUSTER", "REPLICATE", id ?? ""]);
  const isLinked = async (): Promise<boolean> =>
    (await replica.sendCommand<string>(["INFO", "replication"])).includes("master_link_status:up");
  await until("a replica to have what its master has", isLinked, SETTLE_MS);
}

async function all(
  clients: readonly RedisClientType[],
  is: (info: string) => boolean,
): Promise<boolean> {
  const infos = await Promise.all(
    clients.map((client) => client.sendCommand<string>(["CLUSTER", "INFO"])),
  );
  return infos.every((info) => is(String(info)));
}

function knows(count: number): (info: string) => boolean {
  return (info) => info.includes(`cluster_known_nodes:${count}\r`);
}

function serves(info: string): boolean {
  return info.includes("cluster_state:ok") && info.includes(`cluster_slots_ok:${SLOTS}`);
}

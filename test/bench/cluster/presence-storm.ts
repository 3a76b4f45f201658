import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../../support/until.ts";
import { untilEmpty } from "./connections.ts";
import { connectJoiners, Joiner } from "./joiner.ts";
import { measureMachine } from "./machine.ts";
import { type Cluster, withCluster } from "./nodes.ts";
import { untilListed } from "./presence-count.ts";
import type { RedisUsage } from "./redis.ts";

/** What came of many joins of one room. */
export interface StormResult {
  readonly nodes: number;
  readonly members: number;
  /** From the first join to the answer to the last. */
  readonly joinedMs: number;
  /** From then until the last node listed all. */
  readonly settledMs: number;
  /** What presence needed of Redis: what the same joins need without presence is taken off. */
  readonly redis: RedisUsage;
  /** How busy all cores of the machine were, 0 to 1. */
  readonly busy: number;
}

const ROOM = "shown:storm";
const PLAIN_ROOM = "plain:storm";
const PATIENCE_MS = 60_000;

/** Has members join one room at an even pace, spread over the nodes of a cluster. */
export function measureStorm(
  nodeCount: number,
  members: number,
  durationMs: number,
): Promise<StormResult> {
  return withCluster(nodeCount, async (cluster) => {
    const without = await joinWithoutPresence(cluster, members);
    const usage = await cluster.redis.measure();
    const busyShare = measureMachine();
    const startMs = performance.now();
    const joiners = await joinPaced(cluster, members, durationMs);
    const joinedAtMs = performance.now();
    const listings = cluster.nodes.map((node) => untilListed(node, ROOM, members, PATIENCE_MS));
    const settledAtMs = Math.max(...(await Promise.all(listings)));
    const busy = busyShare();
    const redis = difference(await usage(), without);
    for (const joiner of joiners) joiner.cut();
    return {
      nodes: nodeCount,
      members,
      joinedMs: joinedAtMs - startMs,
      settledMs: settledAtMs - joinedAtMs,
      redis,
      busy,
    };
  });
}

/** Joins also tell backends of rooms and members, which is no presence traffic. */
async function joinWithoutPresence({ redis, nodes }: Cluster, members: number) {
  const usage = await redis.measure();
  const joiners = await connectJoiners(members, (index) => joinerAt(nodes, index, PLAIN_ROOM));
  const used = await usage();
  for (const joiner of joiners) joiner.cut();
  await untilEmpty(nodes);
  return used;
}

async function joinPaced({ nodes }: Cluster, members: number, durationMs: number) {
  const startMs = performance.now();
  const joining = Array.from({ length: members }, async (_, index) => {
    await sleep(Math.max(0, startMs + (index * durationMs) / members - performance.now()));
    const joiner = joinerAt(nodes, index, ROOM);
    await joiner.joined;
    return joiner;
  });
  return within("every member to join", Promise.all(joining), durationMs + PATIENCE_MS);
}

function joinerAt(nodes: Cluster["nodes"], index: number, room: string): Joiner {
  return new Joiner(nodes[index % nodes.length]?.port ?? 0, `member ${index}`, [room]);
}

function difference(all: RedisUsage, without: RedisUsage): RedisUsage {
  return {
    commands: all.commands - without.commands,
    inputBytes: all.inputBytes - without.inputBytes,
    outputBytes: all.outputBytes - without.outputBytes,
  };
}

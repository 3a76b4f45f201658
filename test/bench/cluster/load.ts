import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../statistics.ts";
import { untilEmpty } from "./connections.ts";
import { measureMachine } from "./machine.ts";
import { type Cluster, cpuOf, withCluster } from "./nodes.ts";
import { failIfMissing, runPaced } from "./paced-round.ts";
import type { BenchRedis, RedisUsage, TimedUsage } from "./redis.ts";
import type { Scale } from "./scale.ts";
import { cutAll, type SeatedRoom, seatRooms } from "./seats.ts";
import { type Send, type Source, sendersOf } from "./senders.ts";

/** What messages cost a cluster at one rate. */
export interface LoadResult {
  readonly nodes: number;
  readonly source: Source;
  /** Messages a second in each room. */
  readonly rate: number;
  /** Of all nodes together, for each frame that a member got. */
  readonly cpuMicros: number;
  readonly deliveriesPerSecond: number;
  /** For each message: what idle nodes need in the same time is taken off. */
  readonly redis: RedisUsage;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How busy all cores of the machine were, 0 to 1. */
  readonly busy: number;
  /** How many of the planned messages were sent, 0 to 1. */
  readonly sentShare: number;
  /** Frames that no member got. */
  readonly missing: number;
  /** Whether more could not be carried, so that higher rates were not tried. */
  readonly isSaturated: boolean;
}

/** What was measured of one cluster. */
export interface ClusterLoad {
  readonly nodes: number;
  /** What an idle cluster needs of Redis in a second. */
  readonly idlePerSecond: RedisUsage;
  readonly results: readonly LoadResult[];
}

interface Setting {
  readonly cluster: Cluster;
  readonly rooms: readonly SeatedRoom[];
  readonly idlePerSecond: RedisUsage;
  readonly source: Source;
}

const SOURCES: readonly Source[] = ["backend", "member"];
const WARM_UP_MS = 1000;
const WARM_UP_RATE = 8;
const ENOUGH_SENT = 0.95;
const MAX_DELAY_MS = 1000;

/** Measures rising rates in rooms whose members are on all nodes of one cluster. */
export function measureLoad(nodeCount: number, scale: Scale): Promise<ClusterLoad> {
  return withCluster(nodeCount, async (cluster) => {
    const idlePerSecond = await measureIdle(cluster.redis, scale.roundMs);
    const results: LoadResult[] = [];
    for (const source of SOURCES) {
      const rooms = await seatRooms(cluster.nodes, scale.rooms, scale.membersPerRoom);
      results.push(...(await measureRates({ cluster, rooms, idlePerSecond, source }, scale)));
      cutAll(rooms);
      await untilEmpty(cluster.nodes);
    }
    return { nodes: nodeCount, idlePerSecond, results };
  });
}

async function measureIdle(redis: BenchRedis, durationMs: number): Promise<RedisUsage> {
  const usage = await redis.measure();
  await sleep(durationMs);
  const used = await usage();
  return scaled(used, 1000 / used.elapsedMs);
}

async function measureRates(setting: Setting, { rates, roundMs }: Scale): Promise<LoadResult[]> {
  const { cluster, rooms, source } = setting;
  const senders = sendersOf(source, cluster.redis, rooms);
  await runPaced(rooms, senders, rooms.length * WARM_UP_RATE, WARM_UP_MS).then(failIfMissing);
  const results: LoadResult[] = [];
  for (const rate of rates) {
    const result = await measureRate(setting, senders, rate, roundMs);
    results.push(result);
    if (result.isSaturated) break;
  }
  return results;
}

async function measureRate(
  { cluster: { redis, nodes }, rooms, idlePerSecond, source }: Setting,
  senders: readonly Send[],
  rate: number,
  durationMs: number,
): Promise<LoadResult> {
  const usage = await redis.measure();
  const before = await cpuOf(nodes);
  const busyShare = measureMachine();
  const round = await runPaced(rooms, senders, rate * rooms.length, durationMs);
  const busy = busyShare();
  const after = await cpuOf(nodes);
  const ofRedis = withoutIdle(await usage(), idlePerSecond);
  const { sent, planned, deliveries, missing, elapsedMs, delaysMs } = round;
  const p99Ms = percentile(delaysMs, 0.99);
  return {
    nodes: nodes.length,
    source,
    rate,
    cpuMicros: (sum(after) - sum(before)) / deliveries,
    deliveriesPerSecond: (deliveries / elapsedMs) * 1000,
    redis: scaled(ofRedis, 1 / sent),
    p50Ms: percentile(delaysMs, 0.5),
    p99Ms,
    busy,
    sentShare: sent / planned,
    missing,
    isSaturated: missing > 0 || sent < planned * ENOUGH_SENT || p99Ms > MAX_DELAY_MS,
  };
}

function withoutIdle(used: TimedUsage, idlePerSecond: RedisUsage): RedisUsage {
  const idle = scaled(idlePerSecond, used.elapsedMs / 1000);
  return {
    commands: used.commands - idle.commands,
    inputBytes: used.inputBytes - idle.inputBytes,
    outputBytes: used.outputBytes - idle.outputBytes,
  };
}

function scaled({ commands, inputBytes, outputBytes }: RedisUsage, factor: number): RedisUsage {
  return {
    commands: commands * factor,
    inputBytes: inputBytes * factor,
    outputBytes: outputBytes * factor,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

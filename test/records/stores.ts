import { onTestFinished } from "vitest";
import { Redis } from "../../server/bus/redis.ts";
import { RedisRecords } from "../../server/bus/redis-records.ts";
import { systemClock } from "../../server/clock.ts";
import { MemoryRecords } from "../../server/records/memory-records.ts";
import type { RecordStore } from "../../server/records/record-store.ts";
import { startRedis } from "../support/redis-server.ts";

/** Where records are kept. */
export const stores = ["memory", "Redis"] as const;

/** One of the places where records are kept. */
export type Store = (typeof stores)[number];

/** What a node has of the records in Redis. */
export interface RedisNode {
  readonly records: RedisRecords;
  readonly redis: Redis;
  /** What the node was told of as a problem. */
  readonly problems: string[];
}

/** Opens records that nobody has written to; they are closed when the test ends. */
export async function openRecords(
  store: Store,
  onCrash?: (error: unknown) => void,
): Promise<RecordStore> {
  if (store === "Redis") return (await openRedisNode((await startRedis()).url, onCrash)).records;
  const records = new MemoryRecords({
    clock: systemClock,
    ...(onCrash !== undefined && { onCrash }),
  });
  onTestFinished(() => records.stop());
  return records;
}

/** Opens one node's records on a Redis; it is closed when the test ends. */
export async function openRedisNode(
  url: string,
  onCrash?: (error: unknown) => void,
): Promise<RedisNode> {
  const problems: string[] = [];
  const redis = new Redis({ url, secret: "a secret that nodes share", onStatus: () => {} });
  const records = new RedisRecords({
    redis,
    onProblem: (problem, channel) => problems.push(`${channel}: ${problem}`),
    ...(onCrash !== undefined && { onCrash }),
  });
  onTestFinished(async () => {
    records.stop();
    await redis.stop();
  });
  records.listen();
  await redis.start(5000);
  return { records, redis, problems };
}

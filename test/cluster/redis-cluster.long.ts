import { describe, expect, it } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { until } from "../support/until.ts";
import { hearAgain, type Node, startWitnessed } from "./trouble-scene.ts";

const NOTICE_MS = 5000;
const BACK_MS = 30_000;

const isUp = ({ server }: Node): boolean => server.commonroom.status().redis === "up";

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

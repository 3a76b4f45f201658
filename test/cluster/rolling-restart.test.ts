import { describe, expect, it } from "vitest";
import { allJoined, gather } from "./crowd.ts";
import { auditAll } from "./crowd-audit.ts";
import { readHealth } from "./crowd-health.ts";
import { remaining } from "./crowd-wait.ts";

const MEMBERS = 500;
const SETTLE_MS = 30_000;
const DEADLINE_MS = 240_000;

describe("a rolling restart of three nodes under load, with 500 members of every kind", () => {
  it(
    "ends with everybody present, and accounts for every message",
    async () => {
      const crowd = await gather({
        members: MEMBERS,
        rooms: 20,
        channels: 2,
        presenceTimeoutMs: 10_000,
        isRoaming: true,
      });
      const { load, nodes, members } = crowd;
      load.start();
      await load.progress(5);
      for (const node of nodes) {
        await node.end("SIGTERM");
        await node.start();
        await load.progress(3);
      }
      await allJoined(crowd);
      await load.progress(5);
      await load.stop();
      // What is on its way may still arrive.
      await remaining(async () => (await auditAll(crowd)).problems, SETTLE_MS);
      const { problems, ...counts } = await auditAll(crowd);
      expect(problems).toEqual([]);
      expect(counts.sent).toBe(counts.delivered + counts.missedAway + counts.missedAtEnd);
      expect(counts.missedAway).toBeGreaterThan(0);
      // Another node logs at once for one that ends: at most what was on its way is lost.
      expect(counts.unlogged).toBeLessThanOrEqual(nodes.length);
      const health = await Promise.all(nodes.map(readHealth));
      for (const { status, counters } of health) {
        expect(status).toBe("ok");
        // A node that takes its time to reach Redis counts heartbeats that nobody could hear yet.
        const { presenceMessagesLost: _beforeStart, ...others } = counters;
        expect(Object.entries(others).filter(([, count]) => count > 0)).toEqual([]);
      }
      const connections = health.reduce((sum, node) => sum + node.connections, 0);
      expect(connections).toBe(members.length);
    },
    DEADLINE_MS,
  );
});

import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { allJoined, type Crowd, type CrowdOptions, gather } from "./crowd.ts";
import { auditAftermath } from "./crowd-aftermath.ts";
import { auditAll, auditKills } from "./crowd-audit.ts";
import { readHealth } from "./crowd-health.ts";
import type { CrowdNode } from "./crowd-node.ts";
import { CrowdPhoenixMember } from "./crowd-phoenix.ts";
import { moment } from "./crowd-record.ts";
import { remaining } from "./crowd-wait.ts";

const KILLS = 20;
/** In every so many rounds the others drop the node before it is started again. */
const DROP_EVERY = 5;
const TIMEOUT_MS = 1500;
const ROUND_MS = 30_000;
const SETTLE_MS = 30_000;
const QUIET_MS = 6000;
const DEADLINE_MS = 300_000;

const options: CrowdOptions = {
  members: 100,
  rooms: 10,
  channels: 1,
  presenceTimeoutMs: TIMEOUT_MS,
  isRoaming: false,
};

/** Members with phoenix.js at the nodes that live on. */
function watchersOf({ members, nodes }: Crowd): CrowdPhoenixMember[] {
  return members.filter(
    (member) => member instanceof CrowdPhoenixMember && member.attempt.port !== nodes[0].port,
  ) as CrowdPhoenixMember[];
}

/** Watchers that were not told exactly this of each member at the first node. */
function mistold(crowd: Crowd, signs: readonly string[]): string[] {
  const affected = crowd.members.filter(({ attempt }) => attempt.port === crowd.nodes[0].port);
  return watchersOf(crowd).flatMap(({ seat, changes }) => {
    const inside = affected.filter((member) => member.seat.room === seat.room);
    const expected = inside.flatMap(({ presenceKey }) => signs.map((sign) => sign + presenceKey));
    const told = [...changes].sort().join();
    const wanted = expected.sort().join();
    return told === wanted ? [] : [`${seat.name} was told ${told} instead of ${wanted}`];
  });
}

async function settled(crowd: Crowd, signs: readonly string[]): Promise<void> {
  const problems = await remaining(() => mistold(crowd, signs), ROUND_MS);
  expect(problems).toEqual([]);
}

describe("a node under load, with 100 members of every kind on three nodes", () => {
  it(
    `is killed and started again ${KILLS} times: its members leave once and come back once`,
    async () => {
      const crowd = await gather(options);
      const { load, nodes } = crowd;
      const [node] = nodes;
      load.start();
      for (let round = 1; round <= KILLS; round += 1) {
        for (const { changes } of watchersOf(crowd)) changes.length = 0;
        await node.end("SIGKILL");
        if (round % DROP_EVERY === 0) await settled(crowd, ["-"]);
        await node.start();
        await settled(crowd, ["+", "-"]);
      }
      await allJoined(crowd);
      await load.stop();
      expect(await remaining(() => auditKills(crowd), SETTLE_MS)).toEqual([]);
    },
    DEADLINE_MS,
  );

  it(
    "is stopped for longer than the time-out: its members leave once, come back once, and miss nothing",
    async () => {
      const crowd = await gather(options);
      const { load, nodes } = crowd;
      const [node] = nodes;
      load.start();
      await load.progress(1);
      for (const { changes } of watchersOf(crowd)) changes.length = 0;
      node.pause();
      await settled(crowd, ["-"]);
      node.resume();
      await settled(crowd, ["+", "-"]);
      await load.progress(2);
      await load.stop();
      await settled(crowd, ["+", "-"]);
      await allJoined(crowd);
      await remaining(async () => (await auditAll(crowd)).problems, SETTLE_MS);
      const { problems, ...counts } = await auditAll(crowd);
      expect(problems).toEqual([]);
      expect(counts).toMatchObject({ missedAway: 0, missedAtEnd: 0, delivered: counts.sent });
    },
    DEADLINE_MS,
  );

  it(
    "goes on after Redis was killed and has lost all: everybody is there, and hears all that follows once",
    async () => {
      const crowd = await gather({ ...options, channels: 0 });
      const { load, nodes, redis, rooms } = crowd;
      load.start();
      await load.progress(1);
      await redis.stop();
      for (const { streams } of rooms) for (const stream of streams) stream.giveUp();
      for (const node of nodes) {
        await until(
          "a loss to be counted",
          async () => {
            const { counters } = await readHealth(node);
            return counters.adapterMessagesLost > 0 && counters.busMessagesLost > 0;
          },
          ROUND_MS,
        );
      }
      await redis.start();
      for (const node of nodes) {
        const isUp = async () => (await readHealth(node)).redis === "up";
        await until("Redis to be back", isUp, ROUND_MS);
      }
      const untold = () => crowd.members.filter(({ record }) => record.interruptions === 0);
      await until("all to be told of the loss", () => untold().length === 0, ROUND_MS);
      // Who came back first is told again of what the others have lost since.
      await nobodyIsToldAnyMore(nodes);
      await allJoined(crowd);
      const told = crowd.members.map(({ record }) => record.interruptions);
      const from = moment();
      await load.progress(2);
      await load.stop();
      expect(await remaining(() => auditAftermath(crowd, from), SETTLE_MS)).toEqual([]);
      expect(crowd.members.map(({ record }) => record.interruptions)).toEqual(told);
    },
    DEADLINE_MS,
  );
});

/** Nodes pass on every five seconds what others tell of their losses. */
async function nobodyIsToldAnyMore(nodes: readonly CrowdNode[]): Promise<void> {
  let [told, sinceMs] = [-1, 0];
  const isQuiet = async (): Promise<boolean> => {
    const all = await Promise.all(nodes.map((node) => readHealth(node)));
    const sum = all.reduce((total, { counters }) => total + counters.membersInterrupted, 0);
    if (sum !== told) [told, sinceMs] = [sum, Date.now()];
    return Date.now() - sinceMs > QUIET_MS;
  };
  await until("nobody to be told any more", isQuiet, ROUND_MS);
}

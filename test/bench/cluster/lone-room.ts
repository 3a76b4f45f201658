import { setTimeout as sleep } from "node:timers/promises";
import type { ServerProcess } from "../server-process.ts";
import { median } from "../statistics.ts";
import { cpuOf, withCluster } from "./nodes.ts";
import { failIfMissing, runPaced } from "./paced-round.ts";
import type { Scale } from "./scale.ts";
import { cutAll, seatRooms } from "./seats.ts";
import { type Source, sendersOf } from "./senders.ts";

/** What a busy room on one node costs the nodes that have no members of it. */
export interface LoneResult {
  readonly source: Source;
  readonly otherNodes: number;
  /** Share of a core, 0 to 1, of the busiest of the other nodes; the median of the rounds. */
  readonly busyShare: number;
  /** The same while nobody said anything. */
  readonly quietShare: number;
  /** Whether the room got as many messages as it was to get. */
  readonly isComplete: boolean;
}

const SOURCES: readonly Source[] = ["backend", "member"];
const WARM_UP_MS = 1000;
/** Quiet and busy ones in turn: in some, quiet or busy, an idle node collects its garbage. */
const ROUNDS = 5;
/** Time for the garbage of the warm-up to go. */
const SETTLE_MS = 1000;

/** Has one room be busy on the first node of a cluster, and watches the others. */
export function measureLoneRoom(nodeCount: number, scale: Scale): Promise<LoneResult[]> {
  return withCluster(nodeCount, async ({ redis, nodes }) => {
    const [home, ...others] = nodes;
    if (home === undefined) throw new Error("no nodes");
    const rooms = await seatRooms([home], 1, scale.membersPerRoom);
    const results: LoneResult[] = [];
    for (const source of SOURCES) {
      const senders = sendersOf(source, redis, rooms);
      await runPaced(rooms, senders, scale.loneRate, WARM_UP_MS).then(failIfMissing);
      await sleep(SETTLE_MS);
      const quietShares: number[] = [];
      const busyShares: number[] = [];
      let isComplete: boolean = true;
      for (let round = 0; round < ROUNDS; round += 1) {
        const quiet = await measureBusiest(others, () => sleep(scale.roundMs));
        const busy = await measureBusiest(others, () =>
          runPaced(rooms, senders, scale.loneRate, scale.roundMs).then(failIfMissing),
        );
        quietShares.push(quiet.share);
        busyShares.push(busy.share);
        isComplete &&= busy.done.sent >= busy.done.planned * 0.95;
      }
      results.push({
        source,
        otherNodes: others.length,
        busyShare: median(busyShares),
        quietShare: median(quietShares),
        isComplete,
      });
    }
    cutAll(rooms);
    return results;
  });
}

/** The share of a core that the busiest of the nodes took while something was done. */
async function measureBusiest<Done>(
  nodes: readonly ServerProcess[],
  task: () => Promise<Done>,
): Promise<{ readonly share: number; readonly done: Done }> {
  const before = await cpuOf(nodes);
  const startMs = performance.now();
  const done = await task();
  const elapsedMicros = (performance.now() - startMs) * 1000;
  const after = await cpuOf(nodes);
  const shares = after.map((cpuMicros, node) => (cpuMicros - (before[node] ?? 0)) / elapsedMicros);
  return { share: Math.max(...shares), done };
}

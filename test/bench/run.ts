import { parseArgs } from "node:util";
import { greetAsPhoenix, greetBare } from "./clients/greeting.ts";
import { measureCluster } from "./cluster/measure.ts";
import * as clusterScale from "./cluster/scale.ts";
import { measureMemory } from "./memory.ts";
import { openFilesLimit } from "./open-files.ts";
import {
  formatMemory,
  formatResults,
  formatSetting,
  legend,
  type MemoryResult,
  phoenixFigures,
} from "./report.ts";
import type { Result } from "./result.ts";
import type { Pace } from "./round.ts";
import { measureBroadcast, measurePush } from "./scenarios.ts";
import { allWires, measureWires, towerWires } from "./wires.ts";

const FULL: Pace = { rounds: 7, roundMs: 1000, warmUpMs: 1500 };
const QUICK: Pace = { rounds: 3, roundMs: 250, warmUpMs: 400 };
const ROOM_SIZES = [200, 1000];
const WIRE_MEMBERS = 200;
const TOWER_MEMBERS = 1000;
const IDLE_CONNECTIONS = 5000;
const IDLE_ROOMS = 100;
/** Sockets that a process needs besides those of the connections. */
const SPARE_FILES = 200;
const MAX_IDLE_BYTES = 20_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: ["broadcast", "wires", "push", "memory"] },
  },
});
const [subject, ...others] = positionals;

if (subject === undefined) await measureServer(values.quick ? QUICK : FULL);
else if (subject === "cluster" && others.length === 0) {
  await measureCluster(values.quick ? clusterScale.QUICK : clusterScale.FULL);
} else throw new Error(`no such bench: ${positionals.join(" ")}; there is cluster`);

async function measureServer(pace: Pace): Promise<void> {
  console.log(formatSetting());
  const results: Result[] = [];
  if (values.only.includes("broadcast")) {
    for (const members of ROOM_SIZES) {
      note(`broadcast to ${members} members`);
      results.push(...(await measureBroadcast(members, pace)));
    }
  }
  if (values.only.includes("wires")) {
    note(`broadcast over each wire to ${WIRE_MEMBERS} members`);
    results.push(...(await measureWires(allWires, WIRE_MEMBERS, pace)));
    note(`broadcast to ${TOWER_MEMBERS} Tower subscribers`);
    results.push(...(await measureWires(towerWires, TOWER_MEMBERS, pace)));
  }
  if (values.only.includes("push")) {
    note("pushes with replies");
    results.push(...(await measurePush(pace)));
  }
  if (results.length > 0) console.log(`\n${formatResults(results)}`);
  if (values.only.includes("memory")) console.log(`\n${await reportMemory()}`);
  console.log(`\n${legend}\n\n${phoenixFigures}`);
}

async function reportMemory(): Promise<string> {
  const needed = IDLE_CONNECTIONS + SPARE_FILES;
  const limit = openFilesLimit();
  if (limit < needed) {
    return `Memory is not measured: it needs ${needed} open files, the limit is ${limit} (ulimit -n).`;
  }
  note(`${IDLE_CONNECTIONS} idle connections`);
  return formatMemory(await measureIdle(), IDLE_CONNECTIONS);
}

async function measureIdle(): Promise<MemoryResult[]> {
  const greetingOf = (index: number) => greetAsPhoenix(`room:${index % IDLE_ROOMS}`);
  const phoenix = await measureMemory("commonroom", IDLE_CONNECTIONS, greetingOf);
  const bare = await measureMemory("bare-loop", IDLE_CONNECTIONS, greetBare);
  return [
    { contender: "commonroom, phoenix", atMostBytes: MAX_IDLE_BYTES, ...phoenix },
    { contender: "bare ws loop", atMostBytes: undefined, ...bare },
  ];
}

/** Progress goes to stderr, so that stdout is the report alone. */
function note(what: string): void {
  console.error(`... ${what}`);
}

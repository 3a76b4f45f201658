import { formatTable } from "../table.ts";
import type { ClusterLoad } from "./load.ts";
import type { LoneResult } from "./lone-room.ts";
import type { StormResult } from "./presence-storm.ts";
import type { PresenceWeight, WeightResult } from "./presence-weight.ts";
import type { Scale } from "./scale.ts";

const MAX_OTHER_SHARE = 0.01;
const MAX_JOIN_MS = 10_000;
const MAX_SETTLE_MS = 2000;
const MAX_PRESENCE_BYTES = 2000;
/** Heartbeats are part of the traffic, and a storm may take longer than planned. */
const MAX_GROWTH = 1.05;

type Row = readonly string[];

/** What was measured against targets, as a table. */
export function formatGoals(rows: readonly Row[]): string {
  return formatTable(["cluster", "measured", "target", ""], rows, 4);
}

/** What idle clusters need of Redis, for information. */
export function idleRows(loads: readonly ClusterLoad[]): Row[] {
  return loads.map(({ nodes, idlePerSecond }) => [
    `nobody says anything, ${nodes} ${nodes === 1 ? "node" : "nodes"}`,
    `${idlePerSecond.commands.toFixed(0)} commands of Redis a second, those of scripts too; ` +
      `${idlePerSecond.inputBytes.toFixed(0)} bytes in and ${idlePerSecond.outputBytes.toFixed(0)} out`,
    "",
    "",
  ]);
}

/** What a busy room cost nodes that have nothing to do with it. */
export function loneRows(results: readonly LoneResult[], { loneRate }: Scale): Row[] {
  return results.map(({ source, otherNodes, busyShare, quietShare, isComplete }) => [
    `a room on one node, ${loneRate} messages a second by a ${source}`,
    `${percent(busyShare)} of a core on the busiest of ${otherNodes} others, ` +
      `${percent(quietShare)} while quiet${isComplete ? "" : "; fewer messages were sent"}`,
    `< ${percent(MAX_OTHER_SHARE)}`,
    busyShare < MAX_OTHER_SHARE && isComplete ? "met" : "missed",
  ]);
}

/** How joins went, and whether what they cost grows with more than members and nodes. */
export function stormRows(large: StormResult, small: StormResult): Row[] {
  const { members, nodes, joinedMs, settledMs, redis, busy } = large;
  const [each, smallEach] = [bytesEach(large), bytesEach(small)];
  return [
    [
      `${members} members join one room on ${nodes} nodes`,
      `in ${(joinedMs / 1000).toFixed(1)} s, the cores ${percent(busy, 0)} busy`,
      `<= ${MAX_JOIN_MS / 1000} s`,
      joinedMs <= MAX_JOIN_MS ? "met" : "missed",
    ],
    [
      "every node lists all of them",
      `${Math.round(settledMs)} ms after the last join`,
      `<= ${MAX_SETTLE_MS} ms`,
      settledMs <= MAX_SETTLE_MS ? "met" : "missed",
    ],
    [
      "presence traffic of Redis",
      `${each.toFixed(0)} bytes for each member and node, ${smallEach.toFixed(0)} with ` +
        `${small.members} members on ${small.nodes} nodes; ${(redis.inputBytes / members).toFixed(0)} ` +
        `in and ${(redis.outputBytes / members).toFixed(0)} out a member`,
      `<= ${MAX_GROWTH} x`,
      each <= smallEach * MAX_GROWTH ? "met" : "missed",
    ],
  ];
}

/** What presences weigh. */
export function weightRows({ presences, author, other }: WeightResult): Row[] {
  const row = (where: string, { heldBytes, rssBytes }: PresenceWeight): Row => [
    `${presences} presences, ${where}`,
    `${kilobytes(heldBytes)} kB each held by JavaScript, ${kilobytes(rssBytes)} kB of RSS`,
    `<= ${kilobytes(MAX_PRESENCE_BYTES)} kB held`,
    heldBytes <= MAX_PRESENCE_BYTES ? "met" : "missed",
  ];
  return [row("on their members' node", author), row("on another node", other)];
}

function bytesEach({ redis, members, nodes }: StormResult): number {
  return (redis.inputBytes + redis.outputBytes) / (members * nodes);
}

function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

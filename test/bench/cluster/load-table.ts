import { formatTable } from "../table.ts";
import type { LoadResult } from "./load.ts";

/** What messages cost, as a table. */
export function formatLoad(results: readonly LoadResult[]): string {
  const heads = [
    "sent by",
    "nodes",
    "rate",
    "us CPU",
    "per s",
    "commands",
    "bytes in",
    "bytes out",
    "p50 ms",
    "p99 ms",
    "busy",
    "",
  ];
  return formatTable(heads, results.map(rowOf), 1);
}

/** What the columns mean. */
export const loadLegend = `
rate      messages a second in each room; a member's push goes to members alone
us CPU    user and system time of all nodes together per frame that a member got, of which a
          pushing member's is the reply
per s     frames that members got, a second
commands  Redis commands for each message; bytes in and out are what Redis was sent and what it
          sent; what idle nodes need in the same time is taken off
p50 p99   from sending a message until the last member on the last node has it
busy      how busy all cores of the machine were; members, Redis and nodes share them
saturated not all messages could be sent, or some were lost, or p99 was over a second: no higher
          rate was tried
`.trim();

function rowOf(result: LoadResult): string[] {
  const { redis } = result;
  return [
    result.source,
    String(result.nodes),
    String(result.rate),
    result.cpuMicros.toFixed(2),
    Math.round(result.deliveriesPerSecond).toLocaleString("en"),
    redis.commands.toFixed(2),
    redis.inputBytes.toFixed(0),
    redis.outputBytes.toFixed(0),
    result.p50Ms.toFixed(1),
    result.p99Ms.toFixed(1),
    `${Math.round(result.busy * 100)} %`,
    remarkOf(result),
  ];
}

function remarkOf({ isSaturated, sentShare, missing }: LoadResult): string {
  if (!isSaturated) return "";
  const lost = missing > 0 ? `, ${missing} frames missing` : "";
  return `saturated, ${Math.round(sentShare * 100)} % sent${lost}`;
}

import { availableParallelism } from "node:os";
import type { ConnectionMemory } from "./memory.ts";
import type { Result } from "./result.ts";
import { formatTable } from "./table.ts";

/** What one idle connection costs a contender. */
export interface MemoryResult extends ConnectionMemory {
  readonly contender: string;
  /** Most that the system may count, in bytes; undefined where it is for information. */
  readonly atMostBytes: number | undefined;
}

/** Where and on what it was measured. */
export function formatSetting(): string {
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} cores`;
}

/** CPU, throughput and latency as a table. */
export function formatResults(results: readonly Result[]): string {
  const heads = [
    "scenario",
    "contender",
    "us CPU",
    "per s",
    "p50 ms",
    "p99 ms",
    "ratio",
    "target",
    "",
  ];
  return formatTable(heads, results.map(resultRow), 2);
}

/** Memory as a table. */
export function formatMemory(results: readonly MemoryResult[], connections: number): string {
  const heads = [`${connections} idle connections`, "RSS kB each", "held kB each", "target", ""];
  const rows = results.map(({ contender, rssBytes, heldBytes, atMostBytes }) => [
    contender,
    kilobytes(rssBytes),
    kilobytes(heldBytes),
    atMostBytes === undefined ? "" : `<= ${kilobytes(atMostBytes)}`,
    verdict(rssBytes, atMostBytes),
  ]);
  return formatTable(heads, rows, 1);
}

/** What the columns mean. */
export const legend = `
us CPU   user and system time of the server's process per delivered message, or per push with its
         reply: the median of the rounds
per s    deliveries, or pushes, a second: the median of the rounds
p50 p99  from publishing until the last member has the message, or from a push to its reply
ratio    of us CPU to the bare loop's, for Socket.IO members to stock Socket.IO's, for the other
         wires to Phoenix V2's: the median of the ratios within each round
kB       1000 bytes; RSS is what the system counts, held is used heap and external buffers
`.trim();

/** A real Phoenix server, measured the same way. */
export const phoenixFigures = `
For comparison, Phoenix 1.8.12 on 2 cores: 10 to 14 us CPU a delivery, 28 to 36 us a push with its
reply, 31 to 39 kB a connection.
`.trim();

function resultRow(result: Result): string[] {
  const { ratio, goal } = result;
  return [
    result.scenario,
    result.contender,
    result.cpuMicros.toFixed(2),
    Math.round(result.perSecond).toLocaleString("en"),
    result.p50Ms.toFixed(2),
    result.p99Ms.toFixed(2),
    ratio === undefined ? "" : ratio.toFixed(2),
    goal?.atMost === undefined ? "" : `<= ${goal.atMost.toFixed(2)}`,
    verdict(ratio, goal?.atMost),
  ];
}

function verdict(measured: number | undefined, atMost: number | undefined): string {
  if (measured === undefined || atMost === undefined) return "";
  return measured <= atMost ? "met" : "missed";
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

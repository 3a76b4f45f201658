import { statfs } from "node:fs/promises";
import { availableParallelism, freemem, loadavg, totalmem, uptime } from "node:os";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** The load of the last 1, 5 and 15 minutes. */
export function loadText(): string {
  const loads = loadavg().map((load) => load.toFixed(2));
  return `load ${loads.join(" ")} on ${availableParallelism()} processors`;
}

/** The free memory. */
export function memoryText(): string {
  return `${Math.round(freemem() / MIB)} of ${Math.round(totalmem() / MIB)} MiB of memory free`;
}

/** How long the machine has been up. */
export function uptimeText(): string {
  const minutes = Math.floor(uptime() / 60);
  const hours = Math.floor(minutes / 60);
  return `up ${Math.floor(hours / 24)} days, ${hours % 24} hours and ${minutes % 60} minutes`;
}

/** The free space of the disk that the example is on. */
export async function diskText(): Promise<string> {
  const { bavail, blocks, bsize } = await statfs(".");
  const gib = (count: number) => ((count * bsize) / GIB).toFixed(1);
  return `${gib(bavail)} of ${gib(blocks)} GiB of disk free`;
}

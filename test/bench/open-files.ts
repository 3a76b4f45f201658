import { execFileSync } from "node:child_process";

/** How many files and sockets a process may have open: Infinity where the system sets no limit. */
export function openFilesLimit(): number {
  const answer = execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim();
  return answer === "unlimited" ? Number.POSITIVE_INFINITY : Number(answer);
}

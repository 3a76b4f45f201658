import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { urlOf } from "./process-output.ts";

/** A node in a process of its own, started as a user starts it. */
export interface NodeProcess {
  readonly url: string;
  readonly wsUrl: string;
  /** Stops the process as it is, or lets it go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
}

/**
 * Starts `commonroom serve` on a free port, from the build; it ends with the test.
 *
 * @param flags further flags, such as `--redis`
 */
export async function startNode(flags: readonly string[]): Promise<NodeProcess> {
  const args = ["dist/server/cli.js", "serve", "--port", "0", ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    await ended;
  });
  const url = await urlOf(child);
  return { url, wsUrl: url.replace("http", "ws"), signal: (name) => void child.kill(name) };
}

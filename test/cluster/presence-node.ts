import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { urlOf } from "../support/process-output.ts";

/** A node in a process of its own, which can be stopped, let go on, and ended. */
export interface PresenceNode {
  readonly url: string;
  readonly wsUrl: string;
  /** Sends a signal to the process. */
  signal(name: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
}

/**
 * Starts `commonroom serve` on a free port, from the build; it ends with the test.
 *
 * @param name of the node, the same for one that is started again
 * @param timeoutMs silence after which the others count it as gone
 */
export async function startPresenceNode(
  redisUrl: string,
  name: string,
  timeoutMs: number,
): Promise<PresenceNode> {
  const directory = await mkdtemp(join(tmpdir(), "commonroom-node-"));
  const config = join(directory, "node.toml");
  await writeFile(config, `[limits]\npresence_timeout_ms = ${timeoutMs}\n`);
  const args = ["dist/server/cli.js", "serve", "--port", "0", "--redis", redisUrl];
  args.push("--node", name, "--config", config, "--log-level", "error");
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(directory, { recursive: true, force: true });
  });
  const url = await urlOf(child);
  const signal = (signalName: NodeJS.Signals): void => {
    child.kill(signalName);
  };
  return { url, wsUrl: url.replace("http", "ws"), signal, ended };
}

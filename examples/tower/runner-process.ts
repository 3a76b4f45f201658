import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { endChild } from "../host-monitor/child.ts";
import { exampleFolder, packageFolder } from "../support/folders.ts";
import type { Stop } from "../support/stop-list.ts";
import { templates } from "./templates.ts";

/** What language the job runner is written in; `auto` is Python where it can be. */
export const runnerNames = ["auto", "python", "typescript"] as const;
export type RunnerName = (typeof runnerNames)[number];

const run = promisify(execFile);

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * The command that starts a job runner.
 *
 * @throws Error with one line for the user if it must be Python and none has the redis package
 */
export async function runnerCommand(runner: RunnerName): Promise<Command> {
  const python = runner === "typescript" ? undefined : await findPython();
  if (python !== undefined) return [python, join(exampleFolder("tower"), "runner.py")];
  if (runner === "python") {
    throw new Error(
      "no Python with the redis package: pip install redis, or start with --runner typescript",
    );
  }
  return [process.execPath, fileURLToPath(new URL("runner.js", import.meta.url))];
}

/**
 * Starts a job runner.
 *
 * @param onEnd called if it ends without having been told to
 */
export function startRunner(command: Command, redisUrl: string, onEnd: () => void): Stop {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: packageFolder,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, REDIS_URL: redisUrl, JOB_TEMPLATES: JSON.stringify(templates) },
  });
  let isStopping = false;
  child.on("error", (error) => console.error(`the runner did not start: ${error.message}`));
  child.on("close", (code, signal) => {
    if (isStopping) return;
    console.error(`the runner ended by itself (${signal ?? `exit code ${code}`})`);
    onEnd();
  });
  return () => {
    isStopping = true;
    return endChild(child);
  };
}

async function findPython(): Promise<string | undefined> {
  for (const python of [process.env["PYTHON"], "python3", "/usr/bin/python3"]) {
    if (python !== undefined && (await hasRedis(python))) return python;
  }
  return undefined;
}

async function hasRedis(python: string): Promise<boolean> {
  try {
    await run(python, ["-c", "import redis"]);
    return true;
  } catch {
    // Not there, or without the package: the next one may have it.
    return false;
  }
}

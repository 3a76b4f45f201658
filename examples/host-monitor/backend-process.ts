import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { exampleFolder } from "../support/folders.ts";
import type { Stop } from "../support/stop-list.ts";
import { endChild } from "./child.ts";

/** What language the backend is written in. */
export const backendNames = ["python", "typescript"] as const;
export type BackendName = (typeof backendNames)[number];

const run = promisify(execFile);

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * The command that runs a backend.
 *
 * @throws Error with one line for the user if no Python has the redis package
 */
export async function backendCommand(backend: BackendName): Promise<Command> {
  if (backend === "python")
    return [await findPython(), join(exampleFolder("host-monitor"), "backend.py")];
  return [process.execPath, fileURLToPath(new URL("backend.js", import.meta.url))];
}

/**
 * Starts a backend.
 *
 * @param onEnd called if it ends without having been told to
 */
export function startBackend(command: Command, redisUrl: string, onEnd: () => void): Stop {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, REDIS_URL: redisUrl },
  });
  let isStopping = false;
  child.on("error", (error) => console.error(`the backend did not start: ${error.message}`));
  child.on("close", (code, signal) => {
    if (isStopping) return;
    console.error(`the backend ended by itself (${signal ?? `exit code ${code}`})`);
    onEnd();
  });
  return () => {
    isStopping = true;
    return endChild(child);
  };
}

async function findPython(): Promise<string> {
  for (const python of [process.env["PYTHON"], "python3", "/usr/bin/python3"]) {
    if (python !== undefined && (await hasRedis(python))) return python;
  }
  throw new Error(
    "no Python with the redis package: pip install redis, or start with --backend typescript",
  );
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

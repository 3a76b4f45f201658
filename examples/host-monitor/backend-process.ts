import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exampleFolder } from "../support/folders.ts";
import { type Command, startProgram } from "../support/program.ts";
import { findPython } from "../support/python.ts";
import type { Stop } from "../support/stop-list.ts";

/** What language the backend is written in. */
export const backendNames = ["python", "typescript"] as const;
export type BackendName = (typeof backendNames)[number];

/**
 * The command that runs a backend.
 *
 * @throws Error with one line for the user if no Python has the redis package
 */
export async function backendCommand(backend: BackendName): Promise<Command> {
  if (backend === "typescript") {
    return [process.execPath, fileURLToPath(new URL("backend.js", import.meta.url))];
  }
  const python = await findPython();
  if (python !== undefined) return [python, join(exampleFolder("host-monitor"), "backend.py")];
  throw new Error(
    "no Python with the redis package: pip install redis, or start with --backend typescript",
  );
}

/**
 * Starts a backend.
 *
 * @param onEnd called if it ends without having been told to
 */
export function startBackend(command: Command, redisUrl: string, onEnd: () => void): Stop {
  return startProgram(command, { name: "backend", variables: { REDIS_URL: redisUrl }, onEnd });
}

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exampleFolder, packageFolder } from "../support/folders.ts";
import { type Command, startProgram } from "../support/program.ts";
import { findPython } from "../support/python.ts";
import type { Stop } from "../support/stop-list.ts";
import { templates } from "./templates.ts";

/** What language the job runner is written in; `auto` is Python where it can be. */
export const runnerNames = ["auto", "python", "typescript"] as const;
export type RunnerName = (typeof runnerNames)[number];

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
  const variables = { REDIS_URL: redisUrl, JOB_TEMPLATES: JSON.stringify(templates) };
  return startProgram(command, { name: "runner", variables, folder: packageFolder, onEnd });
}

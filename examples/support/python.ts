import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A Python that has the redis package: `PYTHON` of the environment, or one that is found. */
export async function findPython(): Promise<string | undefined> {
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

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const FOLDER = process.env["COMMONROOM_PYTHON_PACKAGES"] ?? "node_modules/.cache/python";

/** A package of another world, as `pip install --target <folder>` leaves it. */
export interface PythonPackage {
  /** What it is called in the names of tests that are left out without it. */
  readonly name: string;
  readonly isThere: boolean;
  /** For `PYTHONPATH`. */
  readonly folder: string;
}

/**
 * A package that Debian does not have. Each has a folder of its own, since their dependencies do not
 * agree: `COMMONROOM_PYTHON_PACKAGES`, or else `node_modules/.cache/python`, and in it the name.
 */
export function pythonPackage(name: string): PythonPackage {
  const folder = resolve(join(FOLDER, name));
  return { name, isThere: existsSync(folder), folder };
}

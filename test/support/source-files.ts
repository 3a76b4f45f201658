import { readdirSync } from "node:fs";
import { join } from "node:path";

/** All TypeScript files below a folder of the project, with forward slashes. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

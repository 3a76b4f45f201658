import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const packageFile = createRequire(import.meta.url).resolve("commonroom/package.json");

/** The package's own folder, also when a compiled program runs. */
export const packageFolder = dirname(packageFile);

/** The folder of an example, by its name. */
export function exampleFolder(name: string): string {
  return join(packageFolder, "examples", name);
}

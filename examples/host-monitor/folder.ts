import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const packageFile = createRequire(import.meta.url).resolve("commonroom/package.json");

/** This example's own folder, also when the compiled program runs. */
export const folder = join(dirname(packageFile), "examples", "host-monitor");

// Makes the room client one minified module, for pages without a bundler: commonroom.min.js.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = dirname(fileURLToPath(import.meta.url));

const build = await rolldown({ input: join(here, "index.ts") });
await build.write({
  file: join(here, "..", "dist", "client-shim", "commonroom.min.js"),
  format: "esm",
  minify: true,
});
await build.close();

// Makes the room client one minified module, for pages without a bundler: commonroom.min.js.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Members that the parts have for each other alone. None of these words stands in a text or is a
 * name of a library's or of the wire, so that they may be shortened wherever they stand.
 */
const internal = [
  "abandoned",
  "ask",
  "asked",
  "attempts",
  "carrier",
  "drop",
  "fail",
  "flush",
  "heard",
  "isJoined",
  "isReady",
  "isSettled",
  "listen",
  "lost",
  "opened",
  "params",
  "prepare",
  "promise",
  "refused",
  "reject",
  "report",
  "resolve",
  "rooms",
  "run",
  "seen",
  "stop",
  "unlisten",
];

/** Shortens what the minifier must leave alone, since it does not know who uses it. */
const shorten = {
  name: "shorten",
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      let { code } = chunk;
      internal.forEach((name, index) => {
        const short = "abcdefghijklmnopqrstuvwxyzABC".charAt(index);
        code = code.replace(new RegExp(`\\b${name}\\b`, "g"), short);
      });
      chunk.code = code.replaceAll("/* @__PURE__ */ ", "");
    }
  },
};

const build = await rolldown({ input: join(here, "index.ts"), plugins: [shorten] });
await build.write({
  file: join(here, "..", "dist", "client-shim", "commonroom.min.js"),
  format: "esm",
  minify: true,
});
await build.close();

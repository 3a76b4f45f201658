// Makes the room client one minified module, for pages without a bundler: commonroom.min.js.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Members that the parts have for each other alone. None of these words stands in a text or is a
 * name of a library's or of the wire, so that they may be shortened wherever they stand.
 */
const internal = [
  "abandoned",
  "answer",
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
  "payload",
  "positions",
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

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * Shortens what the minifier must leave alone, since it does not know who uses it: each name to the
 * letter with which the zipped module is smallest, those that stand in the most places first. One
 * word for all declarations zips best, too.
 */
function shortened(code) {
  const places = (name) => new RegExp(`\\b${name}\\b`, "g");
  const count = (name) => code.split(places(name)).length;
  const free = new Set(letters);
  let short = code.replaceAll("/* @__PURE__ */ ", "").replaceAll(/\b(const|var) /g, "let ");
  for (const name of internal.toSorted((a, b) => count(b) - count(a))) {
    const tried = [...free].map((letter) => ({
      letter,
      text: short.replace(places(name), letter),
    }));
    const bytes = new Map(tried.map((each) => [each, gzipSync(each.text).byteLength]));
    const best = tried.reduce((least, each) => (bytes.get(each) < bytes.get(least) ? each : least));
    free.delete(best.letter);
    short = best.text;
  }
  return short;
}

const shorten = {
  name: "shorten",
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) chunk.code = shortened(chunk.code);
  },
};

const build = await rolldown({ input: join(here, "index.ts"), plugins: [shorten] });
await build.write({
  file: join(here, "..", "dist", "client-shim", "commonroom.min.js"),
  format: "esm",
  minify: true,
});
await build.close();

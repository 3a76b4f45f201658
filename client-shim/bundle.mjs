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
 * letter with which the zipped module is smallest, those that stand in the most places first; then
 * two names change letters wherever that is smaller yet. One word for all declarations zips best,
 * too.
 */
function shortened(code) {
  const parts = code
    .replaceAll("/* @__PURE__ */ ", "")
    .replaceAll(/\b(const|var) /g, "let ")
    .split(new RegExp(`\\b(${internal.join("|")})\\b`));
  const text = (letterOf) => parts.map((part) => letterOf.get(part) ?? part).join("");
  const bytes = (letterOf) => gzipSync(text(letterOf), { level: 9 }).byteLength;
  const smallest = (tried) =>
    tried
      .map((letterOf) => ({ letterOf, size: bytes(letterOf) }))
      .reduce((least, each) => (each.size < least.size ? each : least)).letterOf;

  const count = (name) => parts.filter((part) => part === name).length;
  let best = new Map();
  for (const name of internal.toSorted((a, b) => count(b) - count(a))) {
    const free = [...letters].filter((letter) => ![...best.values()].includes(letter));
    best = smallest(free.map((letter) => new Map(best).set(name, letter)));
  }
  for (const a of internal) {
    for (const b of internal) {
      best = smallest([best, new Map(best).set(a, best.get(b)).set(b, best.get(a))]);
    }
  }
  return text(best);
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

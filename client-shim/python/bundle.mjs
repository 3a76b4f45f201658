// Joins the package's modules into one, for Python in the page: commonroom.py, and the same text
// as a TypeScript module for installInto. Runs on plain Node, before tsc.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, "..", "..");
const folder = join(here, "commonroom");

const FUTURE = "from __future__ import annotations\n";
/** One module's names, on one line or between parentheses. Other relative imports are not joined. */
const RELATIVE_IMPORT = /^from \.(\w+) import (?:\(\n(?: {4}.*\n)*\)|.*)\n/gm;

const modules = readdirSync(folder)
  .filter((name) => name.endsWith(".py"))
  .map((name) => name.slice(0, -".py".length));

/** Modules before those that import them. */
function inOrder() {
  const ordered = [];
  const visit = (name) => {
    if (ordered.includes(name)) return;
    for (const [, imported] of sourceOf(name).matchAll(RELATIVE_IMPORT)) visit(imported);
    ordered.push(name);
  };
  visit("__init__");
  return ordered;
}

function sourceOf(name) {
  return readFileSync(join(folder, `${name}.py`), "utf8");
}

/** A module without what only modules of a package need. */
function partOf(name) {
  const body = sourceOf(name).replace(FUTURE, "").replace(RELATIVE_IMPORT, "");
  if (/^\s*from \./m.test(body))
    throw new Error(`${name}.py: a relative import that is not joined`);
  return `# --- ${name} ---\n\n${body.replace(/^"""[\s\S]*?"""\n/, "").trim()}\n`;
}

/** Names at a module's top level; two modules may not give one name to two things. */
function namesOf(name) {
  const found = sourceOf(name).matchAll(/^(?:class |def |async def )?(\w+)(?: = |: |\(|:)/gm);
  return [...found].map(([, word]) => word);
}

function checkNames(ordered) {
  const owners = new Map();
  for (const name of ordered) {
    for (const word of new Set(namesOf(name))) {
      const owner = owners.get(word);
      if (owner !== undefined && word !== "log") {
        throw new Error(`${word} is in ${owner}.py and in ${name}.py`);
      }
      owners.set(word, name);
    }
  }
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const ordered = inOrder();
const unused = modules.filter((name) => !ordered.includes(name));
if (unused.length > 0) throw new Error(`not imported by __init__.py: ${unused.join(", ")}`);
checkNames(ordered);

const version = JSON.parse(readFileSync(join(project, "package.json"), "utf8")).version;
const head = `"""Rooms over one WebSocket, for Python in the page. Made from commonroom ${version}."""\n\n`;
const bundle = `${head}${FUTURE}\n${ordered.map(partOf).join("\n\n")}`;
write(join(project, "dist", "client-shim", "commonroom.py"), bundle);
write(
  join(project, "client-shim", "pyodide", "source.ts"),
  `/** The text of commonroom.py. */\nexport const source: string = ${JSON.stringify(bundle)};\n`,
);

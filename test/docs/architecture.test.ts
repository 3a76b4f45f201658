import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";

/** A row of a table: the heading above it, what its first cell names, and the cells after that. */
interface Row {
  readonly heading: string;
  readonly name: string;
  readonly cells: readonly string[];
}

const PAGE = readFileSync("docs/architecture.md", "utf8");
const ways = ["The way of a push", "The way of a backend's message"];
/** What tools leave behind in a folder. */
const LEFT_BEHIND = /(?:^|\/)(?:__pycache__|node_modules|\.[^/]*|[^/]*\.egg-info)(?:\/|$)/;
/** Made by the build, and read by the compiler before that. */
const MADE = "client-shim/pyodide/source.ts";
/** `file: function` below `server/`. */
const FUNCTION = /`([\w/-]+\.ts): (#?\w+)`/g;
const FOLDER_OF_FILES = /^`((?:server|client-shim)\/.*)`$/;

const rows = readRows();

describe("the map of the code", () => {
  it.each(["server", "client-shim"])("names each file of %s once, and no other", (folder) => {
    const named = rows.flatMap(({ heading, name }) => {
      const parent = FOLDER_OF_FILES.exec(heading)?.[1];
      return parent?.startsWith(`${folder}/`) ? [join(parent, name)] : [];
    });
    const found = [...below(folder, "file"), ...(folder === "server" ? [] : [MADE])];
    expect(inOrder(named)).toEqual(inOrder([...new Set(found)]));
  });

  it.each(["test", "examples"])("names each folder of %s once, and no other", (folder) => {
    const named = rowsOf(`Folders of \`${folder}/\``).map(({ name }) => name);
    expect(inOrder(named)).toEqual(inOrder(below(folder, "folder")));
  });

  it("says something of each, and the same of no two in one folder", () => {
    const lines = rows
      .filter(({ heading }) => FOLDER_OF_FILES.test(heading) || heading.startsWith("Folders"))
      .map(({ heading, cells }) => `${heading}: ${cells.join()}`);
    expect(lines.filter((line) => line.endsWith(": "))).toEqual([]);
    expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  });
});

describe("the table of what a part may import", () => {
  it("says what the test of imports allows", () => {
    const said = rowsOf("The layers").map(({ name, cells }) => [name, wordsIn(cells.join())]);
    expect(Object.fromEntries(said)).toEqual(allowedImports());
  });
});

describe("the tables of dependencies", () => {
  it("have a line for each dependency of package.json, and for no other", () => {
    const packages = z.record(z.string(), z.string());
    const { dependencies, devDependencies } = z
      .object({ dependencies: packages, devDependencies: packages })
      .parse(JSON.parse(readFileSync("package.json", "utf8")));
    const named = rowsOf("Dependencies").map(({ name }) => name);
    const wanted = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    expect(inOrder(named)).toEqual(inOrder(wanted));
  });

  it("say of each what it is for, and why this one", () => {
    const unclear = rowsOf("Dependencies").filter(({ cells }) => {
      return cells.length !== 2 || cells.includes("");
    });
    expect(unclear).toEqual([]);
  });
});

describe.each(ways)("%s", (heading) => {
  it("is a list of steps, each of which passes a function", () => {
    const steps = sectionOf(heading)
      .split("\n")
      .filter((line) => /^\d+\. /.test(line));
    expect(steps.length).toBeGreaterThan(5);
    const numbers = steps.map((step) => Number.parseInt(step, 10));
    expect(numbers).toEqual(steps.map((_step, index) => index + 1));
    const silent = steps.slice(0, -1).filter((step) => !step.match(FUNCTION));
    expect(silent).toEqual([]);
  });
});

describe("what the page speaks of", () => {
  const functions = [...PAGE.matchAll(FUNCTION)].map(([, file = "", name = ""]) => [file, name]);
  const paths = [...PAGE.matchAll(/`((?:[\w.-]+\/)+(?:[\w.-]+\.\w+)?)`/g)].map(([, path]) => path);

  it.each(functions)("%s: %s is there", (file, name) => {
    expect(functionsIn(join("server", file))).toContain(name);
  });

  it.each([...new Set(paths)])("%s is there", (path = "") => {
    expect([path, join("server", path)].some((each) => existsSync(each))).toBe(true);
  });
});

function readRows(): Row[] {
  let heading = "";
  return PAGE.split("\n").flatMap((line) => {
    heading = /^##+ (.*)$/.exec(line)?.[1] ?? heading;
    const [, name, rest = ""] = /^\| `([^`]+)` \|(.*)\|$/.exec(line) ?? [];
    const cells = rest.split("|").map((cell) => cell.trim());
    return name === undefined ? [] : [{ heading, name, cells }];
  });
}

function rowsOf(heading: string): readonly Row[] {
  return rows.filter((row) => row.heading === heading);
}

function sectionOf(heading: string): string {
  const [, section = ""] = PAGE.split(`\n## ${heading}\n`);
  return section.split("\n## ", 1)[0] ?? "";
}

/** What is below a folder; a folder without any file does not count. */
function below(folder: string, kind: "file" | "folder"): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !LEFT_BEHIND.test(path));
  if (kind === "file") return files;
  const folders = new Set(files.flatMap(ancestorsOf));
  return [...folders].filter((path) => path.startsWith(`${folder}/`));
}

function ancestorsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join("/"));
}

function inOrder(names: readonly string[]): string[] {
  return names.toSorted((one, other) => (one < other ? -1 : 1));
}

function wordsIn(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, word = ""]) => word);
}

/** The rules of the test of imports, as they stand in it. */
function allowedImports(): Record<string, string[]> {
  const text = readFileSync("test/unit/import-directions.test.ts", "utf8");
  const [, rules = ""] = /const allowed[^=]*= \{\n([\s\S]*?)\n\};/.exec(text) ?? [];
  const entries = [...rules.matchAll(/^ {2}(\w+): \[([\s\S]*?)\]/gm)];
  return Object.fromEntries(
    entries.map(([, part, list = ""]) => [
      part,
      [...list.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name),
    ]),
  );
}

/** Functions, methods and properties that are functions, which a file defines. */
function functionsIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(
    /^(?:export )?(?:async )?function (\w+)|^ {2}(?:async |get )?(#?\w+)(?:<.*>)?\((?!.*;$)|^ {2}(\w+): (?:async )?\(/gm,
  );
  return [...found].map(([, declared, method, property]) => declared ?? method ?? property ?? "");
}

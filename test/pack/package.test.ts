import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const target = z.union([z.string(), z.strictObject({ types: z.string(), default: z.string() })]);
const manifest = z
  .object({
    bin: z.record(z.string(), z.string()),
    exports: z.record(z.string(), target),
    files: z.array(z.string()),
    dependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));

function filesOf(entry: z.infer<typeof target>): readonly string[] {
  return typeof entry === "string" ? [entry] : [entry.types, entry.default];
}

const entries = Object.values(manifest.exports).flatMap(filesOf).map(normalize);
const commands = Object.values(manifest.bin).map(normalize);

const importing =
  /^(?:import|export)\b[^;"=(]*\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;

/** What a built module imports: `x.js` or `x.ts` in a declaration means `x.d.ts`. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  return [...text.matchAll(importing)].map((match) => match.slice(1).find(Boolean) ?? "");
}

function fileOf(importer: string, specifier: string): string {
  const path = join(dirname(importer), specifier);
  return importer.endsWith(".d.ts") ? path.replace(/\.[jt]s$/, ".d.ts") : path;
}

/** All modules that some import, and the packages that these name, with one that does. */
function reachable(from: readonly string[]) {
  const packages = new Map<string, string>();
  const modules = new Set(from);
  for (const module of modules) {
    for (const specifier of importsOf(module)) {
      if (specifier.startsWith(".")) modules.add(fileOf(module, specifier));
      else packages.set(packageOf(specifier), module);
    }
  }
  return { modules, packages };
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function isBuiltIn(name: string): boolean {
  return name.startsWith("node:") || builtinModules.includes(name);
}

describe("the package", () => {
  it("has every file that its exports and its command name", () => {
    const missing = [...entries, ...commands].filter((file) => !existsSync(file));
    expect(missing).toEqual([]);
  });

  it("packs every file that its exports and its command name", () => {
    const isPacked = (file: string) =>
      file === "package.json" ||
      manifest.files.some((folder) => !relative(folder, file).startsWith(".."));
    expect([...entries, ...commands].filter((file) => !isPacked(file))).toEqual([]);
  });

  it("has a command that the system can run", () => {
    for (const file of commands) {
      expect(readFileSync(file, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it.each([
    ["modules", [...entries, ...commands].filter((file) => /(?<!min)\.js$/.test(file))],
    ["types", entries.filter((file) => file.endsWith(".d.ts"))],
  ])("has %s that need nothing but its dependencies", (_, from) => {
    const { modules, packages } = reachable(from);
    expect(modules.size).toBeGreaterThan(10);
    expect([...modules].filter((file) => !existsSync(file))).toEqual([]);
    const known = new Set([...Object.keys(manifest.dependencies), "commonroom"]);
    const strangers = [...packages].filter(([name]) => !isBuiltIn(name) && !known.has(name));
    expect(strangers).toEqual([]);
  });

  it("has a client that needs no package and nothing of Node", () => {
    const client = entries.filter((file) =>
      /client-shim\/(index|pyodide\/index)\.(js|d\.ts)$/.test(file),
    );
    expect(client.length).toBeGreaterThanOrEqual(4);
    expect([...reachable(client).packages]).toEqual([]);
  });
});

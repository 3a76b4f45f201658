import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { sourceFiles } from "../support/source-files.ts";

/** Which parts of `server/` a part may import, besides itself and the files at its top. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  rooms: [],
  records: [],
  connections: [],
  dialects: ["connections", "rooms", "records"],
  bus: ["rooms", "records", "presence"],
  auth: ["rooms"],
  http: ["rooms", "auth"],
  presence: ["rooms"],
  settings: [],
  workers: ["bus", "connections", "presence", "rooms"],
  cli: ["auth", "settings", "workers"],
  // Where the parts are put together.
  wiring: ["auth", "bus", "connections", "dialects", "http", "presence", "rooms", "workers"],
};
/** Files at the top of `server/` that only wire parts together, and so may not be imported by one. */
const wiring = ["index.ts", "cli.ts", "commonroom.ts"];
const mayUseWiring = ["cli"];

const imports = /(?:^|\n)(?:import|export)[^;]*?from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g;

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(imports)].map((match) =>
    join(dirname(file), match[1] ?? match[2] ?? ""),
  );
}

function partOf(file: string): string {
  return relative("server", file).split("/").slice(0, -1)[0] ?? "";
}

describe("imports", () => {
  const files = sourceFiles("server");

  it.each(files)("of %s go only where the design allows", (file) => {
    const part = partOf(file);
    const wrong = importsOf(file).filter((target) => {
      const targetPart = partOf(target);
      if (targetPart === "") {
        return (
          part !== "" && !mayUseWiring.includes(part) && wiring.includes(relative("server", target))
        );
      }
      if (part === "" || targetPart === part) return false;
      return !allowed[part]?.includes(targetPart);
    });
    expect(wrong).toEqual([]);
  });

  it("of a dialect never reach another dialect", () => {
    const dialectOf = (file: string) => /dialects\/([^/]+)/.exec(file)?.[1];
    const wrong = files
      .filter((file) => dialectOf(file) !== undefined)
      .flatMap((file) =>
        importsOf(file).filter((target) => {
          const other = dialectOf(target);
          return other !== undefined && other !== dialectOf(file);
        }),
      );
    expect(wrong).toEqual([]);
  });

  it("of the client shim never reach the server or Node", () => {
    const texts = sourceFiles("client-shim").map((file) => readFileSync(file, "utf8"));
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).not.toMatch(/from "(\.\.\/server|node:)/);
  });
});

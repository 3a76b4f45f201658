import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { startNode } from "../support/node-process.ts";
import { until, within } from "../support/until.ts";
import {
  type BlankProject,
  blankProject,
  type Packed,
  packProject,
  userEnvironment,
} from "./packed.ts";
import * as programs from "./programs.ts";

const INSTALLING_MS = 180_000;
let packed: Packed;
beforeAll(async () => {
  packed = await packProject();
}, INSTALLING_MS);
afterAll(() => packed.remove());

/** A blank project for all tests of a group. */
function inBlankProject(
  name: string,
  manifest: Readonly<Record<string, unknown>>,
  packages: readonly string[] = [],
) {
  const place: { project?: BlankProject } = {};
  beforeAll(async () => {
    place.project = await blankProject(packed, name, manifest, packages);
  }, INSTALLING_MS);
  return (): BlankProject => {
    if (place.project === undefined) throw new Error("not installed");
    return place.project;
  };
}

/** Writes a program and runs it. */
async function runProgram(project: BlankProject, file: string, text: string): Promise<string> {
  await project.write(file, text);
  return project.run(process.execPath, [file]);
}

/** The files of a folder and its folders, with slashes. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}

describe("the tarball", { timeout: INSTALLING_MS }, () => {
  const project = inBlankProject("contents", {});
  const installed = () => join(project().folder, "node_modules", "commonroom");

  it("has what is meant and nothing else: each module has its source in server or client-shim", async () => {
    const files = await filesIn(installed());
    const made = /^dist\/((?:server|client-shim)\/.+?)(?:\.js|\.d\.ts|\.js\.map)?$/;
    const rest = files.filter((file) => {
      const source = file.startsWith("docs/") ? file : made.exec(file)?.[1];
      if (source === undefined) return true;
      return !["", ".ts", ".js"].some((end) => existsSync(join(packed.tree, `${source}${end}`)));
    });
    expect(new Set(rest)).toEqual(
      new Set([
        "CHANGELOG.md",
        "LICENSE",
        "PROTOCOL.md",
        "README.md",
        "dist/client-shim/commonroom.min.js",
        "dist/client-shim/commonroom.py",
        "package.json",
      ]),
    );
  });

  it("tells nothing of the machine that it was made on", async () => {
    const places = [packed.folder, resolve(".")];
    for (const file of await filesIn(installed())) {
      const text = await readFile(join(installed(), file), "utf8");
      expect
        .soft(
          places.filter((place) => text.includes(place)),
          file,
        )
        .toEqual([]);
    }
  });

  it("has source maps whose paths are relative", async () => {
    const maps = (await filesIn(installed())).filter((file) => file.endsWith(".map"));
    for (const file of maps) {
      const { sources } = JSON.parse(await readFile(join(installed(), file), "utf8"));
      expect.soft(sources, file).toEqual([expect.stringMatching(/^\.\.\/.+\.[jt]s$/)]);
    }
  });
});

describe("a blank project of ES modules", { timeout: INSTALLING_MS }, () => {
  const project = inBlankProject("modules", { type: "module" });

  it("imports commonroom, serves and stops", async () => {
    expect(await runProgram(project(), "serve.js", programs.serving)).toBe("ok\nlobby\nstopped\n");
  });

  it("finds the text of commonroom.py, which Python imports", async () => {
    const path = (await runProgram(project(), "where.js", programs.pythonModule)).trim();
    const name = "import sys, commonroom; print(commonroom.Channel.__name__)";
    const folder = join(path, "..");
    const inFolder = `import sys; sys.dont_write_bytecode = True; sys.path.insert(0, ${JSON.stringify(folder)})`;
    expect(await project().run("python3", ["-c", `${inFolder}\n${name}`])).toBe("Channel\n");
  });

  it("gives the Python of a Pyodide the room client", async () => {
    const pyodide = pathToFileURL(resolve("node_modules/pyodide/pyodide.mjs")).href;
    const program = programs.pyodide.replace('"pyodide"', JSON.stringify(pyodide));
    expect(await runProgram(project(), "pyodide.js", program)).toBe("Channel\n");
  });

  it("bundles commonroom/client for a page that talks in a room", async () => {
    await project().write("page.js", programs.page);
    const build = await rolldown({ input: join(project().folder, "page.js"), platform: "browser" });
    const { output } = await build.generate({ format: "esm", minify: true });
    await build.close();
    expect(output).toHaveLength(1);
    const [{ code }] = output;
    expect(code).not.toMatch(/\bimport\b|\brequire\(|node:/);

    const node = await startNode([]);
    const browser = await startBrowser();
    const { page, errors } = await openPage(browser, `${node.url}/health`);
    await page.addScriptTag({ content: code, type: "module" });
    const said = page.waitForFunction("globalThis.said");
    expect(await (await said).jsonValue()).toEqual({ text: "hello from the bundle" });
    // This address has no icon.
    expect(errors.filter((error) => !error.includes("404"))).toEqual([]);
  });

  it("runs npx commonroom --version and serve, with the live page", async () => {
    const { version } = JSON.parse(await readFile("package.json", "utf8"));
    expect(await project().run("npx", ["commonroom", "--version"])).toBe(`${version}\n`);

    const child = spawn("npx", ["commonroom", "serve", "--port", "0"], {
      cwd: project().folder,
      env: { ...userEnvironment(), LOG_LEVEL: "silent" },
      stdio: ["ignore", "pipe", "inherit"],
      // A group of its own, since npx starts a shell that starts the server.
      detached: true,
    });
    const closed = once(child, "close");
    const signal = (name: NodeJS.Signals): void => {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    };
    onTestFinished(() => {
      if (child.exitCode === null && child.signalCode === null) signal("SIGKILL");
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    const url = await until("where it serves", () => /Live page +(\S+)/.exec(printed)?.[1], 15_000);
    const html = await (await fetch(url)).text();
    const parts = [...html.matchAll(/(?:src|href)="([^":#]+)"/g)].map(([, path]) => path ?? "");
    expect(parts.length).toBeGreaterThan(0);
    for (const path of parts) expect.soft((await fetch(new URL(path, url))).status, path).toBe(200);
    signal("SIGTERM");
    await within("the end of npx", closed, 12_000);
  });
});

describe("a blank project of TypeScript", { timeout: INSTALLING_MS }, () => {
  const project = inBlankProject("typed", { type: "module" }, [
    "typescript@7",
    "typescript-5@npm:typescript@5.9",
    "@types/node@20",
  ]);
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    // The declarations of the package and of what it needs are checked as well.
    skipLibCheck: false,
    target: "es2023",
    outDir: "out",
  };

  async function compile(
    options: Readonly<Record<string, unknown>>,
    files: readonly string[],
    compiler = "typescript",
  ): Promise<string> {
    const config = JSON.stringify({ compilerOptions: { ...strict, ...options }, files });
    await project().write("tsconfig.json", config);
    const tsc = join("node_modules", compiler, "bin", "tsc");
    return project().run(process.execPath, [tsc, "-p", "."]);
  }

  it.each([
    ["typescript", "nodenext", "nodenext"],
    ["typescript", "esnext", "bundler"],
    ["typescript-5", "nodenext", "nodenext"],
    ["typescript-5", "esnext", "bundler"],
  ])(
    "compiles strictly with %s as %s, resolution %s, and runs",
    async (compiler, module, moduleResolution) => {
      await project().write("app.ts", programs.typed);
      const node = { module, moduleResolution, types: ["node"], lib: ["es2023"] };
      expect(await compile(node, ["app.ts"], compiler)).toBe("");
      expect(await project().run(process.execPath, ["out/app.js"])).toBe("stopped\n");
    },
  );

  it("compiles the client for a page, without the types of Node", async () => {
    await project().write("page.ts", programs.page);
    const page = { module: "esnext", moduleResolution: "bundler", types: [] };
    expect(await compile({ ...page, lib: ["es2023", "dom"] }, ["page.ts"])).toBe("");
  });

  it("compiles a CommonJS module that requires it", async () => {
    await project().write("common.cts", programs.typedCommonJs);
    const node = { module: "nodenext", moduleResolution: "nodenext", types: ["node"] };
    expect(await compile({ ...node, lib: ["es2023"] }, ["common.cts"])).toBe("");
    expect(await project().run(process.execPath, ["out/common.cjs"])).toBe("stopped\n");
  });

  it("is told of a handler that does not fit", async () => {
    await project().write(
      "wrong.ts",
      programs.typed.replace("member.state.name", "member.state.nam"),
    );
    const node = { module: "nodenext", moduleResolution: "nodenext", types: ["node"] };
    await expect(compile(node, ["wrong.ts"])).rejects.toThrow(/wrong\.ts.*TS(2551|2339)/);
  });
});

describe("a blank project of plain JavaScript", { timeout: INSTALLING_MS }, () => {
  const project = inBlankProject("plain", {});

  it("requires commonroom, serves and stops", async () => {
    const text = await runProgram(project(), "serve.js", programs.required);
    expect(text).toBe("ok\nlobby\nstopped\n");
  });

  it("imports it in an .mjs file", async () => {
    const text = await runProgram(project(), "serve.mjs", programs.serving);
    expect(text).toBe("ok\nlobby\nstopped\n");
  });
});

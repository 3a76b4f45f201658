import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { rolldown } from "rolldown";
import { FLAGS, findChromium } from "../support/browser.ts";

const pyodideFolder = dirname(createRequire(import.meta.url).resolve("pyodide"));

const TYPES: ReadonlyMap<string, string> = new Map([
  ["mjs", "text/javascript"],
  ["wasm", "application/wasm"],
  ["json", "application/json"],
  ["zip", "application/zip"],
  ["py", "text/x-python"],
]);

const LOAD = `(async () => {
  const { loadPyodide } = await import("/pyodide/pyodide.mjs");
  const { installInto } = await import("/install.mjs");
  globalThis.installInto = installInto;
  globalThis.pyodide = await loadPyodide({ indexURL: "/pyodide/" });
})()`;

/** A real page in Chromium that has loaded Pyodide, and has `installInto` as a global. */
export class PyodidePage {
  readonly page: Page;
  /** Uncaught errors, and errors on the console. */
  readonly errors: readonly string[];
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(page: Page, errors: readonly string[], browser: Browser, server: Server) {
    this.page = page;
    this.errors = errors;
    this.#browser = browser;
    this.#server = server;
  }

  /** Takes some seconds. Stop it in the end. */
  static async start(): Promise<PyodidePage> {
    const server = createServer(await answers());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: FLAGS,
    });
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${address.port}/`);
    await page.evaluate(LOAD);
    return new PyodidePage(page, errors, browser, server);
  }

  /** Runs Python at the top level, where `await` is allowed; gives its last value. */
  run(code: string): Promise<unknown> {
    return this.page.evaluate(`pyodide.runPythonAsync(${JSON.stringify(code)})`);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Serves an empty page, Pyodide, and the two ways of getting the room client. */
async function answers(): Promise<Parameters<typeof createServer>[1]> {
  const install = await bundleInstaller();
  const files = (path: string): Promise<string | Buffer> => {
    if (path === "/") return Promise.resolve("<!doctype html><title>Python</title>");
    if (path === "/favicon.ico") return Promise.resolve("");
    if (path === "/install.mjs") return Promise.resolve(install);
    if (path === "/commonroom.py") return readFile("dist/client-shim/commonroom.py");
    return readFile(join(pyodideFolder, path.replace("/pyodide/", "")));
  };
  return (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const type = TYPES.get(path.split(".").at(-1) ?? "") ?? "text/html";
    files(path).then(
      (body) => response.setHeader("content-type", type).end(body),
      () => response.writeHead(404).end(),
    );
  };
}

async function bundleInstaller(): Promise<string> {
  const build = await rolldown({ input: "client-shim/pyodide/index.ts" });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return output[0].code;
}

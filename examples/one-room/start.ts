import { createRequire } from "node:module";
import { dirname } from "node:path";
import express, { Router } from "express";
import { createCommonroom } from "../../server/index.ts";
import { type Arguments, readArguments } from "../support/arguments.ts";
import { startPage } from "../support/page-server.ts";
import { findRedis } from "../support/redis.ts";
import { type Run, runExample } from "../support/run-example.ts";
import { startBackend } from "./backend.ts";
import { startExecutor } from "./executor.ts";
import { openRoom, ROOM } from "./room.ts";
import { createTerminalRoutes } from "./terminal-routes.ts";

const { resolve } = createRequire(import.meta.url);
const libraries: ReadonlyMap<string, string> = new Map([
  ["/lib/commonroom.js", resolve("commonroom/client.min.js")],
]);
/** Python for the page: Pyodide, and the room client for it. */
const folders: ReadonlyMap<string, string> = new Map([
  ["/lib/pyodide", dirname(resolve("pyodide"))],
  ["/lib/commonroom-pyodide", dirname(resolve("commonroom/pyodide"))],
]);

await runExample((run) => start(readArguments(process.argv.slice(2)), run));

/** Starts Redis if need be, the server, its room, the programs beside the page, and the page. */
async function start({ port, pagePort }: Arguments, { stops }: Run): Promise<void> {
  const redis = await findRedis(process.env["REDIS_URL"], stops);
  const commonroom = createCommonroom({
    port,
    redisUrl: redis.url,
    logLevel: "warn",
    relay: true,
  });
  stops.add(() => commonroom.close());
  const server = await commonroom.listen();

  const room = await openRoom(commonroom, server.port);
  const executor = startExecutor(room);
  stops.add(executor.stop);
  const backend = await startBackend(redis.url, room.name);
  stops.add(backend.stop);
  const terminals = new Map([
    ["executor", executor.terminal],
    ["backend", backend.terminal],
  ]);

  const page = await startPage({
    port: pagePort,
    example: "one-room",
    serverUrl: server.url,
    libraries,
    routes: Router().use(createPythonRoutes(), createTerminalRoutes(terminals)),
  });
  stops.add(page.stop);

  console.log(`
  Page         ${page.url}
  Live page    ${server.url}/#${ROOM}
  Server       ${server.url}
  Redis        ${new URL(redis.url).host} (${redis.origin})
  The room     ${ROOM}, or ${room.name}

  Ctrl+C stops all of it.`);
}

function createPythonRoutes(): Router {
  const router = Router();
  router.get("/", (_request, response, next) => {
    // Python is WebAssembly, which this page may compile.
    const policy = String(response.getHeader("content-security-policy"));
    response.set("content-security-policy", `${policy}; script-src 'self' 'wasm-unsafe-eval'`);
    next();
  });
  for (const [path, folder] of folders) {
    router.use(path, express.static(folder, { cacheControl: false, index: false }));
  }
  return router;
}

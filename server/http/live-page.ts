import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import express, { Router } from "express";

const resolve = createRequire(import.meta.url).resolve;

/** The real client libraries, each from its own npm package. */
const libraries: ReadonlyMap<string, string> = new Map([
  ["/lib/phoenix.mjs", join(dirname(resolve("phoenix")), "phoenix.mjs")],
  [
    "/lib/socket.io.js",
    join(dirname(resolve("socket.io-client/package.json")), "dist/socket.io.esm.min.js"),
  ],
]);

/**
 * The live page at `/`: one room with a phoenix.js panel and a Socket.IO panel, to see it work and
 * to try things out.
 */
export function createLivePage(): Router {
  const router = Router();
  for (const [path, file] of libraries) {
    router.get(path, (_request, response, next) => response.sendFile(file, next));
  }
  router.use(express.static(fileURLToPath(new URL("page/", import.meta.url))));
  return router;
}

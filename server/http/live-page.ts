import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import express, { Router } from "express";

const resolve = createRequire(import.meta.url).resolve;

/** The real client libraries, each found in its own npm package when it is asked for. */
const libraries: ReadonlyMap<string, () => string> = new Map([
  ["/lib/phoenix.mjs", () => join(dirname(resolve("phoenix")), "phoenix.mjs")],
  [
    "/lib/socket.io.js",
    () => join(dirname(resolve("socket.io-client/package.json")), "dist/socket.io.esm.min.js"),
  ],
  // This package's own, which is there once it has been built.
  ["/lib/commonroom.js", () => resolve("commonroom/client.min.js")],
]);

/** The page needs nothing from elsewhere, runs no inline script, and is not shown in frames. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  // An upgraded server must not be met by the page of the one before it.
  "cache-control": "no-cache",
};

/**
 * The live page at `/`: one room with a panel each for phoenix.js, Socket.IO and the room client, to
 * see it work and to try things out. Serves its own files and the three libraries, and leaves every
 * other path alone.
 */
export function createLivePage(): Router {
  const router = Router();
  for (const [path, find] of libraries) {
    router.get(path, (_request, response, next) => {
      response.sendFile(find(), { cacheControl: false, headers }, next);
    });
  }
  const page = fileURLToPath(new URL("page/", import.meta.url));
  router.use(express.static(page, { cacheControl: false, redirect: false, setHeaders }));
  return router;
}

function setHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

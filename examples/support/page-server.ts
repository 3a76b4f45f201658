import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import express, { type Router } from "express";
import { exampleFolder } from "./folders.ts";
import type { Stop } from "./stop-list.ts";

const resolve = createRequire(import.meta.url).resolve;

/** The client libraries, each from its own npm package. */
const clientLibraries: ReadonlyMap<string, string> = new Map([
  ["/lib/phoenix.mjs", join(dirname(resolve("phoenix")), "phoenix.mjs")],
  [
    "/lib/socket.io.js",
    join(dirname(resolve("socket.io-client/package.json")), "dist/socket.io.esm.min.js"),
  ],
]);

/** What is served. */
export interface PageOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The example's name; its files are those of its folder `page`, then those of `support/page`. */
  readonly example: string;
  /** The commonroom server that the page connects to. */
  readonly serverUrl: string;
  /** Files by path, beside the client libraries. */
  readonly libraries?: ReadonlyMap<string, string>;
  /** What the example answers by itself. */
  readonly routes?: Router;
}

/** A page that is served. */
export interface RunningPage {
  readonly url: string;
  readonly stop: Stop;
}

/**
 * Serves the page from an origin of its own, as most applications do.
 *
 * @throws Error with one line for the user if the port cannot be taken
 */
export async function startPage(options: PageOptions): Promise<RunningPage> {
  const { port, example, serverUrl, libraries = [], routes } = options;
  const webSocketUrl = serverUrl.replace(/^http/, "ws");
  const headers = {
    "content-security-policy": contentSecurityPolicy([serverUrl, webSocketUrl]),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
  };
  const app = express().disable("x-powered-by");
  app.use((_request, response, next) => {
    response.set(headers);
    next();
  });
  app.get("/config.json", (_request, response) => {
    response.json({ serverUrl, webSocketUrl });
  });
  for (const [path, file] of [...clientLibraries, ...libraries]) {
    app.get(path, (_request, response, next) => {
      response.sendFile(file, { cacheControl: false }, next);
    });
  }
  if (routes !== undefined) app.use(routes);
  for (const folder of [exampleFolder(example), exampleFolder("support")]) {
    app.use(express.static(join(folder, "page"), { cacheControl: false }));
  }

  const server = createServer(app).listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the page has no port");
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${address.port}/`, stop };
}

/** The page runs no inline script, asks nobody but its two servers, and is not shown in frames. */
function contentSecurityPolicy(servers: readonly string[]): string {
  return [
    "default-src 'self'",
    `connect-src 'self' ${servers.join(" ")}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import express from "express";
import { folder } from "./folder.ts";
import type { Stop } from "./stop-list.ts";

const resolve = createRequire(import.meta.url).resolve;
const uplot = dirname(resolve("uplot"));

/** The page's libraries, each from its own npm package. */
const libraries: ReadonlyMap<string, string> = new Map([
  ["/lib/phoenix.mjs", join(dirname(resolve("phoenix")), "phoenix.mjs")],
  [
    "/lib/socket.io.js",
    join(dirname(resolve("socket.io-client/package.json")), "dist/socket.io.esm.min.js"),
  ],
  ["/lib/uplot.js", join(uplot, "uPlot.esm.js")],
  ["/lib/uplot.css", join(uplot, "uPlot.min.css")],
]);

/** A page that is served. */
export interface RunningPage {
  readonly url: string;
  readonly stop: Stop;
}

/**
 * Serves the page from an origin of its own, as most applications do.
 *
 * @param port 0 takes a free one
 * @param serverUrl the commonroom server that the page connects to
 * @throws Error with one line for the user if the port cannot be taken
 */
export async function startPage(port: number, serverUrl: string): Promise<RunningPage> {
  const app = express();
  const allowed = `default-src 'self'; connect-src 'self' ${serverUrl} ${webSocketUrl(serverUrl)}`;
  app.use((_request, response, next) => {
    response.set({ "content-security-policy": allowed, "cache-control": "no-cache" });
    next();
  });
  app.get("/config.json", (_request, response) => {
    response.json({ serverUrl, webSocketUrl: webSocketUrl(serverUrl) });
  });
  for (const [path, file] of libraries) {
    app.get(path, (_request, response, next) => {
      response.sendFile(file, { cacheControl: false }, next);
    });
  }
  app.use(express.static(join(folder, "page"), { cacheControl: false }));

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

function webSocketUrl(url: string): string {
  return url.replace(/^http/, "ws");
}

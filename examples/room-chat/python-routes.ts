import { createRequire } from "node:module";
import { dirname } from "node:path";
import express, { Router } from "express";

const resolve = createRequire(import.meta.url).resolve;

/** What the page with Python loads besides its own files, by address. */
const folders: ReadonlyMap<string, string> = new Map([
  ["/lib/pyodide", dirname(resolve("pyodide"))],
  ["/lib/commonroom-pyodide", dirname(resolve("commonroom/pyodide"))],
]);

/** Python for the page: Pyodide from its npm package, and the room client for it. */
export function createPythonRoutes(): Router {
  const router = Router();
  router.get("/python.html", (_request, response, next) => {
    // Python is WebAssembly, which only this page may compile.
    const policy = String(response.getHeader("content-security-policy"));
    response.set("content-security-policy", `${policy}; script-src 'self' 'wasm-unsafe-eval'`);
    next();
  });
  for (const [path, folder] of folders) {
    router.use(path, express.static(folder, { cacheControl: false, index: false }));
  }
  return router;
}

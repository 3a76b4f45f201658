import { createRequire } from "node:module";
import { createCommonroom } from "../../server/index.ts";
import { type Arguments, readArguments } from "../support/arguments.ts";
import { startPage } from "../support/page-server.ts";
import { type Run, runExample } from "../support/run-example.ts";
import { createPythonRoutes } from "./python-routes.ts";

const libraries: ReadonlyMap<string, string> = new Map([
  ["/lib/commonroom.js", createRequire(import.meta.url).resolve("commonroom/client.min.js")],
]);

await runExample((run) => start(readArguments(process.argv.slice(2)), run));

/** Starts the server, whose rooms need no definition, and the pages. */
async function start({ port, pagePort }: Arguments, { stops }: Run): Promise<void> {
  const commonroom = createCommonroom({ port, logLevel: "warn" });
  stops.add(() => commonroom.close());
  const server = await commonroom.listen();

  const page = await startPage({
    port: pagePort,
    example: "room-chat",
    serverUrl: server.url,
    libraries,
    routes: createPythonRoutes(),
  });
  stops.add(page.stop);

  console.log(`
  Room chat    ${page.url}
  In Python    ${page.url}python.html
  Live page    ${server.url}/#general
  Server       ${server.url}

  Ctrl+C stops all of it.`);
}

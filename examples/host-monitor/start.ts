import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createCommonroom } from "../../server/index.ts";
import { type Choice, readChoice } from "../support/arguments.ts";
import { startPage } from "../support/page-server.ts";
import { findRedis } from "../support/redis.ts";
import { type Run, runExample } from "../support/run-example.ts";
import { type BackendName, backendCommand, backendNames, startBackend } from "./backend-process.ts";

const uplot = dirname(createRequire(import.meta.url).resolve("uplot"));
const libraries: ReadonlyMap<string, string> = new Map([
  ["/lib/uplot.js", join(uplot, "uPlot.esm.js")],
  ["/lib/uplot.css", join(uplot, "uPlot.min.css")],
]);

const args = process.argv.slice(2);
await runExample((run) => start(readChoice(args, "backend", backendNames), run));

/** Starts Redis if need be, the server, the page and the backend. */
async function start(
  { port, pagePort, choice }: Choice<BackendName>,
  { stops, end }: Run,
): Promise<void> {
  const command = await backendCommand(choice);
  const redis = await findRedis(process.env["REDIS_URL"], stops);

  const commonroom = createCommonroom({ port, redisUrl: redis.url, logLevel: "warn" });
  stops.add(() => commonroom.close());
  const server = await commonroom.listen();

  const page = await startPage({
    port: pagePort,
    example: "host-monitor",
    serverUrl: server.url,
    libraries,
  });
  stops.add(page.stop);
  stops.add(startBackend(command, redis.url, () => void end(1)));

  console.log(`
  Host monitor   ${page.url}
  Server         ${server.url}
  Redis          ${new URL(redis.url).host} (${redis.origin})
  Backend        ${command.join(" ")}

  Ctrl+C stops all of it.`);
}

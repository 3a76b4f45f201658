import { createCommonroom } from "../../server/index.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { backendCommand, startBackend } from "./backend-process.ts";
import { startPage } from "./page-server.ts";
import { findRedis } from "./redis.ts";
import { StopList } from "./stop-list.ts";

const stops = new StopList();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void end(0));
}
try {
  await start(readArguments(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await end(1);
}

/** Starts Redis if need be, the server, the page and the backend. */
async function start({ port, pagePort, backend }: Arguments): Promise<void> {
  const command = await backendCommand(backend);
  const redis = await findRedis(process.env["REDIS_URL"], stops);

  const commonroom = createCommonroom({ port, redisUrl: redis.url, logLevel: "warn" });
  stops.add(() => commonroom.close());
  const server = await commonroom.listen();

  const page = await startPage(pagePort, server.url);
  stops.add(page.stop);
  stops.add(startBackend(command, redis.url, () => void end(1)));

  console.log(`
  Host monitor   ${page.url}
  Server         ${server.url}
  Redis          ${new URL(redis.url).host} (${redis.origin})
  Backend        ${command.join(" ")}

  Ctrl+C stops all of it.`);
}

/** Stops what was started, the last first, and ends the process. */
async function end(code: number): Promise<void> {
  await stops.run();
  process.exit(code);
}

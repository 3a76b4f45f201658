import { createRequire } from "node:module";
import { Router } from "express";
import { createCommonroom } from "../../server/index.ts";
import { type Arguments, readArguments } from "../support/arguments.ts";
import { startPage } from "../support/page-server.ts";
import { type Run, runExample } from "../support/run-example.ts";
import { ColoniesClient } from "./colonies-client/index.ts";
import { COLONY, createParties, EXECUTOR_TYPE } from "./colony.ts";
import { startExecutor } from "./executor-process.ts";
import { createRuns } from "./runs.ts";
import { createVisits } from "./visits.ts";

const libraries: ReadonlyMap<string, string> = new Map([
  ["/lib/commonroom.js", createRequire(import.meta.url).resolve("commonroom/client.min.js")],
]);

await runExample((run) => start(readArguments(process.argv.slice(2)), run));

/** Starts the server with its colony, the page, and the executor. */
async function start({ port, pagePort }: Arguments, { stops, end }: Run): Promise<void> {
  const { options, executorKey, userKey, jwtSecret } = createParties();
  const redisUrl = process.env["REDIS_URL"] ?? "";
  const commonroom = createCommonroom({
    port,
    logLevel: "warn",
    ...(redisUrl === "" ? {} : { redisUrl }),
    ...options,
  });
  stops.add(() => commonroom.close());
  const server = await commonroom.listen();

  const client = new ColoniesClient({ host: "127.0.0.1", port: server.port });
  client.setPrivateKey(userKey);
  const page = await startPage({
    port: pagePort,
    example: "colonies-stream",
    serverUrl: server.url,
    libraries,
    routes: Router().use(createVisits(jwtSecret), createRuns(client)),
  });
  stops.add(page.stop);
  stops.add(startExecutor({ port: server.port, privateKey: executorKey }, () => void end(1)));

  console.log(`
  Page         ${page.url}
  Server       ${server.url}
  Colony       ${COLONY}, with an executor of the type ${EXECUTOR_TYPE}
  User's key   ${userKey}

  Ctrl+C stops all of it.`);
}

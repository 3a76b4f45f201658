import { createCommonroom } from "../../server/index.ts";
import { type Choice, readChoice } from "../support/arguments.ts";
import { startPage } from "../support/page-server.ts";
import { findRedis } from "../support/redis.ts";
import { type Run, runExample } from "../support/run-example.ts";
import { followJobs } from "./jobs.ts";
import { type RunnerName, runnerCommand, runnerNames, startRunner } from "./runner-process.ts";
import { createVisitors } from "./visitors.ts";

const args = process.argv.slice(2);
await runExample((run) => start(readChoice(args, "runner", runnerNames), run));

/** Starts Redis if need be, the server, the pages and the job runner. */
async function start(
  { port, pagePort, choice }: Choice<RunnerName>,
  { stops, end }: Run,
): Promise<void> {
  const command = await runnerCommand(choice);
  const redis = await findRedis(process.env["REDIS_URL"], stops);
  const { jobs, stop } = await followJobs(redis.url);
  stops.add(stop);

  const { routes, resolveUser, canSee } = createVisitors(jobs);
  const commonroom = createCommonroom(
    {
      port,
      redisUrl: redis.url,
      logLevel: "warn",
      // The room of job 42 is `job_events-42` to AWX's page, and `job:42` to the other one.
      rooms: [{ match: "job_events-*", aliases: ["job:*"], presence: false }],
    },
    { resolveUser, canSee },
  );
  stops.add(() => commonroom.close());
  const server = await commonroom.listen();

  const page = await startPage({ port: pagePort, example: "tower", serverUrl: server.url, routes });
  stops.add(page.stop);
  stops.add(startRunner(command, redis.url, () => void end(1)));

  console.log(`
  As AWX's page    ${page.url}
  By phoenix.js    ${page.url}phoenix.html
  Server           ${server.url}
  Redis            ${new URL(redis.url).host} (${redis.origin})
  Job runner       ${command.join(" ")}

  Ctrl+C stops all of it.`);
}

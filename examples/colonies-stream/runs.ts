import express, { type ErrorRequestHandler, Router } from "express";
import { z } from "zod";
import { type ColoniesClient, type Process, ProcessState } from "./colonies-client/index.ts";
import { COLONY, EXECUTOR_TYPE } from "./colony.ts";
import { commandOf, runnables } from "./commands.ts";

const MAX_LISTED = 8;
const MAX_WAIT_SECS = 600;
const MAX_RUN_SECS = 300;
const MISUNDERSTOOD = "expected a command's name, and seconds from 1 to 120";

const request = z.strictObject({
  command: z.enum(runnables.map(({ name }) => name)),
  seconds: z.int().min(1).max(120).optional(),
});

/** What pages are told of a process. */
interface Run {
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly state: number;
  readonly errors: readonly string[];
}

/**
 * The way for pages to submit processes without a colony's key: `POST /api/runs` with
 * `{command, seconds?}` submits one in this client's name, and `GET /api/runs` lists the latest.
 *
 * @param client has the key of a user of the colony
 */
export function createRuns(client: ColoniesClient): Router {
  const router = Router();
  router.post("/api/runs", express.json({ limit: "4kb" }), async (asked, response) => {
    const { success, data } = request.safeParse(asked.body);
    if (!success) {
      response.status(400).json({ reason: MISUNDERSTOOD });
      return;
    }
    const { command, seconds } = data;
    const submitted = await client.submitFunctionSpec({
      funcname: command,
      conditions: { colonyname: COLONY, executortype: EXECUTOR_TYPE },
      kwargs: seconds === undefined ? {} : { seconds },
      maxwaittime: MAX_WAIT_SECS,
      maxexectime: MAX_RUN_SECS,
      channels: ["output", "chat"],
    });
    response.status(201).json(runOf(submitted));
  });
  router.get("/api/runs", async (_asked, response) => {
    const lists = await Promise.all(
      Object.values(ProcessState).map((state) => client.getProcesses(COLONY, MAX_LISTED, state)),
    );
    const latest = lists.flat().toSorted(byAge).slice(0, MAX_LISTED);
    response.json(latest.map(runOf));
  });
  router.get("/api/runs/:id", async (asked, response) => {
    response.json(runOf(await client.getProcess(asked.params.id)));
  });
  router.use("/api/runs", ((error: unknown, _asked, response, _next) => {
    // A body that is no JSON, or what the server of the processes says.
    const { status, reason } = isClientError(error)
      ? { status: 400, reason: MISUNDERSTOOD }
      : { status: 502, reason: error instanceof Error ? error.message : String(error) };
    response.status(status).json({ reason });
  }) satisfies ErrorRequestHandler);
  return router;
}

function runOf({ processid, spec, state, errors }: Process): Run {
  const title = runnables.find(({ name }) => name === spec.funcname)?.title ?? spec.funcname;
  const [program = spec.funcname, ...args] = commandOf(spec) ?? [];
  const command = [program, ...args].map((part) => part.split("/").at(-1)).join(" ");
  return { id: processid, title, command, state, errors: errors ?? [] };
}

/** The newest first. */
function byAge(a: Process, b: Process): number {
  return Date.parse(b.submissiontime) - Date.parse(a.submissiontime);
}

function isClientError(error: unknown): boolean {
  return error instanceof Error && "expose" in error && error.expose === true;
}

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { type JobTemplate, templatesOf } from "./templates.ts";

/** AWX tells at most 30 events a second of a job. Here the command waits; there, some are left out. */
const LINE_PERIOD_MS = 1000 / 30;
const PAUSE_MS = 4000;
/** Time enough for a page to ask for the events of a job that has come up. */
const QUEUE_MS = 1500;

const client = createClient({
  url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379",
  disableOfflineQueue: true,
});
// What cannot be published is told by the call that failed.
client.on("error", () => {});
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
await client.connect();
await runAll(templatesOf(process.env["JOB_TEMPLATES"]));
client.destroy();

/** Runs one job after another, taking the templates in turn. */
async function runAll(templates: readonly JobTemplate[]): Promise<void> {
  for (let id = 1; !stop.signal.aborted; id += 1) {
    const template = templates[(id - 1) % templates.length];
    if (template === undefined) return;
    try {
      await run(id, template);
    } catch (error) {
      console.error(`runner: job ${id}: ${error instanceof Error ? error.message : error}`);
    }
    await pause(PAUSE_MS);
  }
}

/** Runs a template's command, and tells what it prints while it prints it. */
async function run(id: number, template: JobTemplate): Promise<void> {
  const tellStatus = (status: string, more: object = {}): Promise<void> =>
    emitChannelNotification("jobs-status_changed", {
      unified_job_id: id,
      status,
      ...more,
      type: "job",
      group_name: "jobs",
      unified_job_template_id: template.id,
    });
  await tellStatus("pending");
  await pause(QUEUE_MS);
  await tellStatus("waiting");
  const [program = "", ...args] = template.command;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], signal: stop.signal });
  const output = new PassThrough();
  for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false });
  const ended = new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", (exitCode) => {
      output.end();
      resolve(exitCode);
    });
  });
  await tellStatus("running", { instance_group_name: "default" });
  const parentUuid = randomUUID();
  let counter = 0;
  for await (const line of createInterface({ input: output })) {
    counter += 1;
    const names = { id, counter, parentUuid };
    await emitChannelNotification(`job_events-${id}`, jobEvent(names, line));
    await pause(LINE_PERIOD_MS);
  }
  const exitCode = await ended;
  const summary = { group_name: "jobs", unified_job_id: id, final_counter: counter };
  await emitChannelNotification("jobs-summary", summary);
  const status = stop.signal.aborted ? "canceled" : exitCode === 0 ? "successful" : "failed";
  await tellStatus(status, { finished: new Date().toISOString() });
}

/** The event of one line of output, with the keys in AWX's order. */
function jobEvent(
  { id, counter, parentUuid }: { id: number; counter: number; parentUuid: string },
  stdout: string,
): object {
  const now = new Date().toISOString().replace("Z", "+00:00");
  const eventId = id * 1_000_000 + counter;
  return {
    id: eventId,
    job: id,
    created: now,
    modified: now,
    group_name: "job_events",
    url: `/api/v2/job_events/${eventId}`,
    stdout,
    counter,
    uuid: randomUUID(),
    parent_uuid: parentUuid,
    start_line: counter - 1,
    end_line: counter,
    event: "verbose",
    event_data: {},
    failed: false,
    changed: false,
    event_level: 0,
    play: "",
    role: "",
    task: "",
  };
}

/** Sends a payload to everyone who is in a group now. */
async function emitChannelNotification(group: string, payload: object): Promise<void> {
  await client.publish(`to:${group}:message`, JSON.stringify(payload));
}

async function pause(delayMs: number): Promise<void> {
  // A stop ends the pause.
  await sleep(delayMs, undefined, { signal: stop.signal }).catch(() => {});
}

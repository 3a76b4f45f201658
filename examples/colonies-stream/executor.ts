import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "../support/program.ts";
import { ColoniesClient, deriveId, type Process } from "./colonies-client/index.ts";
import { COLONY } from "./colony.ts";
import { readCommand } from "./command-output.ts";
import { commandOf } from "./commands.ts";
import { answerQuestions } from "./conversation.ts";

const OUTPUT = "output";
/** What a process that succeeded has as its result: its output is in its channel. */
const COMPLETE = "output complete";
const ASSIGN_SECS = 30;
const NOTHING_TO_DO = "No process available for assignment";
const RETRY_MS = 1000;
/** The server takes 100 messages a second of a process. Here the command waits for them. */
const LINE_PERIOD_MS = 1000 / 60;

const key = process.env["COLONIES_PRVKEY"] ?? "";
const ownId = deriveId(key);
const client = new ColoniesClient({
  host: process.env["COLONIES_SERVER_HOST"] ?? "127.0.0.1",
  port: Number(process.env["COLONIES_SERVER_PORT"] ?? "50080"),
});
client.setPrivateKey(key);

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
while (!stop.signal.aborted) {
  const task = await nextProcess();
  if (task !== undefined) await work(task).catch(report);
}

/** The next process of this executor's type, if one came in time. */
async function nextProcess(): Promise<Process | undefined> {
  try {
    return await client.assign(COLONY, ASSIGN_SECS, key, stop.signal);
  } catch (error) {
    if (stop.signal.aborted || isNothingToDo(error)) return undefined;
    report(error);
    await sleep(RETRY_MS, undefined, { signal: stop.signal }).catch(() => {});
    return undefined;
  }
}

/** Runs the command of a process, and closes it as the command ended. */
async function work({ processid, spec }: Process): Promise<void> {
  const command = commandOf(spec);
  const problem =
    command === undefined
      ? `${spec.funcname} is no command of this executor`
      : await stream(processid, command).catch(messageOf);
  if (problem === undefined) await client.closeProcess(processid, [COMPLETE]);
  else await client.failProcess(processid, [problem]);
}

/**
 * Streams what a command prints through the channel `output`, a message for each line, and answers
 * questions meanwhile.
 *
 * @returns what went wrong, or undefined if the command succeeded
 */
async function stream(processId: string, command: Command): Promise<string | undefined> {
  const stopAnswering = answerQuestions(client, processId, ownId);
  let sequence = 0;
  const append = async (text: string, type?: string): Promise<void> => {
    sequence += 1;
    await client.channelAppend(processId, OUTPUT, sequence, 0, text, type);
  };
  const appendLine = async (line: string): Promise<void> => {
    await append(line);
    await sleep(LINE_PERIOD_MS);
  };
  try {
    const problem = await readCommand(command, appendLine, stop.signal);
    await append(problem ?? "", problem === undefined ? "end" : "error");
    return problem;
  } finally {
    await stopAnswering();
  }
}

function isNothingToDo(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NOTHING_TO_DO);
}

function report(error: unknown): void {
  console.error(`executor: ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

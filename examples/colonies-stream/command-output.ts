import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { packageFolder } from "../support/folders.ts";
import type { Command } from "../support/program.ts";

const STOPPED = "the executor was stopped";

/**
 * Runs a command, and hands on what it prints, a line at a time, on either of its outputs.
 *
 * @param onLine the next line is read when its promise is kept
 * @param signal ends the command
 * @returns what went wrong, or undefined if the command succeeded
 */
export async function readCommand(
  [program, ...args]: Command,
  onLine: (line: string) => Promise<void>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const child = spawn(program, args, {
    cwd: packageFolder,
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const output = new PassThrough();
  for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false });
  const problem = new Promise<string | undefined>((resolve) => {
    const end = (reason: string | undefined) => {
      resolve(reason);
      output.end();
    };
    child.once("error", ({ message }) => end(signal.aborted ? STOPPED : message));
    child.once("close", (code, byName) => {
      end(code === 0 ? undefined : `exit code ${code ?? byName}`);
    });
  });
  try {
    for await (const line of createInterface({ input: output })) await onLine(line);
  } finally {
    child.kill();
  }
  return problem;
}

import { spawn } from "node:child_process";
import { endChild } from "./child.ts";
import type { Stop } from "./stop-list.ts";

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** How a program is started. */
export interface ProgramOptions {
  /** What messages call it. */
  readonly name: string;
  /** Variables of its environment, besides this process's own. */
  readonly variables: Readonly<Record<string, string>>;
  /** Its folder; this process's own by default. */
  readonly folder?: string;
  /** Called if it ends without having been told to. */
  readonly onEnd: () => void;
}

/** Starts a program beside the example, with the example's output. */
export function startProgram(command: Command, options: ProgramOptions): Stop {
  const { name, variables, folder, onEnd } = options;
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...variables },
  });
  let isStopping = false;
  child.on("error", (error) => console.error(`the ${name} did not start: ${error.message}`));
  child.on("close", (code, signal) => {
    if (isStopping) return;
    console.error(`the ${name} ended by itself (${signal ?? `exit code ${code}`})`);
    onEnd();
  });
  return () => {
    isStopping = true;
    return endChild(child);
  };
}

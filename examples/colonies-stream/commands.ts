import { fileURLToPath } from "node:url";
import type { Command } from "../support/program.ts";
import type { FunctionSpec } from "./colonies-client/index.ts";

/** A command that the executor runs. There are no others. */
export interface Runnable {
  /** The process's `funcname`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** The program and its arguments; `seconds` is from the process's `kwargs`. */
  command(seconds: number): Command;
}

const DEFAULT_SECONDS = 20;
const MAX_SECONDS = 120;
const watchMachine = fileURLToPath(new URL("watch-machine.js", import.meta.url));

/** What the executor runs. All of it only reads. */
export const runnables: readonly Runnable[] = [
  {
    name: "watch-machine",
    title: "Watch this machine for 20 seconds",
    command: (seconds) => [process.execPath, watchMachine, String(seconds)],
  },
  {
    name: "list-files",
    title: "List the server's source files",
    command: () => ["find", "server", "-name", "*.ts", "-type", "f"],
  },
  {
    name: "disks",
    title: "Show the disks",
    command: () => ["df", "-h"],
  },
  {
    name: "missing-folder",
    title: "Look into a folder that is missing",
    command: () => ["ls", "-l", "docs", "no-such-folder"],
  },
];

/** The command of a process, or undefined if it asks for something else. */
export function commandOf({ funcname, kwargs }: Asked): Command | undefined {
  const found = runnables.find(({ name }) => name === funcname);
  const seconds: unknown = Object.entries(kwargs ?? {}).find(([key]) => key === "seconds")?.[1];
  return isSeconds(seconds) ? found?.command(seconds ?? DEFAULT_SECONDS) : undefined;
}

type Asked = Pick<FunctionSpec, "funcname"> & { readonly kwargs?: object | null | undefined };

function isSeconds(value: unknown): value is number | undefined {
  if (value === undefined) return true;
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_SECONDS;
}

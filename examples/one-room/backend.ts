import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endChild } from "../support/child.ts";
import { exampleFolder } from "../support/folders.ts";
import { findPython } from "../support/python.ts";
import type { Stop } from "../support/stop-list.ts";
import { Terminal } from "./terminal.ts";

/** A backend on Redis. */
export interface RunningBackend {
  readonly terminal: Terminal;
  readonly stop: Stop;
}

/**
 * Starts the backend in Python: it prints what it hears, and publishes what it is told line by line.
 *
 * @throws Error with one line for the user if no Python has the redis package
 */
export async function startBackend(redisUrl: string, room: string): Promise<RunningBackend> {
  const python = await findPython();
  if (python === undefined) throw new Error("no Python with the redis package: pip install redis");
  const program = join(exampleFolder("one-room"), "backend.py");
  const child = spawn(python, ["-u", program, room], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, REDIS_URL: redisUrl },
  });
  const terminal = new Terminal(async (text) => {
    child.stdin.write(`${text.replaceAll("\n", " ")}\n`);
  });
  createInterface({ input: child.stdout }).on("line", (line) => terminal.print(line));
  child.stdin.on("error", (error) => terminal.print(`the backend is gone: ${error.message}`));
  return { terminal, stop: () => endChild(child) };
}

#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { readArguments } from "./cli/arguments.ts";
import { type Command, commands, serveCommand } from "./cli/command.ts";
import { commandHelp, generalHelp } from "./cli/help.ts";
import { outliveReaders, print, printProblems } from "./cli/output.ts";
import { startProblems } from "./cli/start-problems.ts";
import { tokenFor } from "./cli/token.ts";
import { readWorkerCount, workersProblems } from "./cli/workers.ts";
import { named } from "./settings/display.ts";
import { nearMiss } from "./settings/near-miss.ts";
import { loadSettings, type SettingsResult } from "./settings.ts";

function fail(problems: readonly string[]): void {
  printProblems(problems);
  process.exitCode = 1;
}

function readText(path: string): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
}

function version(): string {
  const manifest: { version: string } = createRequire(import.meta.url)("commonroom/package.json");
  return manifest.version;
}

async function run(command: Command, args: readonly string[]): Promise<void> {
  const read = readArguments(command, args);
  if (!read.ok) return fail(read.problems);
  if (read.values.has("help")) return print([commandHelp(command)]);
  const flags = new Map([...read.values].map(([name, values]) => [name, values.at(-1) ?? ""]));
  const purpose = command === serveCommand ? "listen" : "sign";
  const settings = loadSettings({
    flags,
    environment: process.env,
    readFile: readText,
    purpose,
  });
  if (command === serveCommand) return startServing(settings, flags.get("workers"));
  if (!settings.ok) return fail(settings.problems);
  const signed = tokenFor(read.values, settings.options, Date.now());
  return signed.ok ? print([signed.token]) : fail(signed.problems);
}

/** What serves is loaded on demand: help and tokens need none of it. */
async function startServing(settings: SettingsResult, flag: string | undefined): Promise<void> {
  const workers = readWorkerCount(flag, process.env);
  const wrong = [
    ...(settings.ok ? [] : settings.problems),
    ...(workers.ok ? [] : [workers.problem]),
  ];
  if (!settings.ok || !workers.ok) return fail(wrong);
  const { options, origins } = settings;
  const { count } = workers;
  const problems = [...workersProblems(count, options), ...startProblems(options, origins)];
  if (problems.length > 0) return fail(problems);
  if (count === 1) return (await import("./cli/serve.ts")).serve(options);
  (await import("./cli/serve-workers.ts")).serveWorkers(options, count);
}

function unknown(name: string): string {
  const near = nearMiss(name, commands.keys());
  const what = name.startsWith("-") ? "flag before a command:" : "command";
  const advice = near === undefined ? "see commonroom --help" : `did you mean ${near}?`;
  return `unknown ${what} ${named(name.split("=", 1)[0] ?? name)}; ${advice}`;
}

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined) {
    print([generalHelp()]);
    process.exitCode = 1;
    return;
  }
  if (name === "--help" || name === "-h") return print([generalHelp()]);
  if (name === "--version" || name === "-v") return print([version()]);
  const command = commands.get(name);
  if (command === undefined) return fail([unknown(name)]);
  return run(command, args);
}

outliveReaders();
await main(process.argv.slice(2));

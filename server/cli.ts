#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { readArguments } from "./cli/arguments.ts";
import { type Command, commands, serveCommand } from "./cli/command.ts";
import { commandHelp, generalHelp } from "./cli/help.ts";
import { print, printProblems } from "./cli/output.ts";
import { tokenFor } from "./cli/token.ts";
import { named } from "./settings/display.ts";
import { nearMiss } from "./settings/near-miss.ts";
import { loadSettings } from "./settings.ts";

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
  if (!settings.ok) return fail(settings.problems);
  if (command === serveCommand) {
    // Loaded on demand: help and tokens need no server.
    const { serve } = await import("./cli/serve.ts");
    return serve(settings.options);
  }
  const signed = tokenFor(read.values, settings.options, Date.now());
  return signed.ok ? print([signed.token]) : fail(signed.problems);
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

await main(process.argv.slice(2));

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import type { CodeBlock } from "../support/code-blocks.ts";
import { type RunningBlock, runBlock } from "../support/run-block.ts";

const CLI = `node ${resolve("dist/server/cli.js")}`;
const LISTENS = "Live page";

/** How a printed command is run here. */
export interface PrintedServerOptions {
  /** Addresses and ports that are others in a test; each must occur. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Files that the command reads, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs a printed command of the server's, such as `npm start -- --port 2347`, with the build. */
export async function runPrinted(
  { language, text }: Pick<CodeBlock, "language" | "text">,
  { replace = {}, files = {} }: PrintedServerOptions = {},
): Promise<RunningBlock> {
  const folder = await mkdtemp(join(tmpdir(), "commonroom-page-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const command = text
    .replace(/^npm ci && npm start(?: --)?/m, `${CLI} serve`)
    .replaceAll(/^npx commonroom/gm, CLI);
  if (command === text) throw new Error(`no command of the server: ${text}`);
  return runBlock({ language, text: command }, { replace, folder });
}

/** Runs a printed command of the server's, and waits until it listens. */
export async function startPrinted(
  block: Pick<CodeBlock, "language" | "text">,
  options: PrintedServerOptions = {},
): Promise<RunningBlock> {
  const server = await runPrinted(block, options);
  await server.printed(LISTENS);
  return server;
}

/** The text that a `diff` block leads to: its lines without those that it takes away. */
export function changedText({ text }: Pick<CodeBlock, "text">): string {
  const lines = text.split("\n").filter((line) => !line.startsWith("-"));
  return lines.map((line) => line.slice(1)).join("\n");
}

/** A text with other addresses; each must occur. */
export function withAddresses(text: string, replace: Readonly<Record<string, string>>): string {
  return Object.entries(replace).reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`the text does not contain ${from}`);
    return result.replaceAll(from, to);
  }, text);
}

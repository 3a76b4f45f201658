import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { type CodeBlock, codeBlocks } from "../support/code-blocks.ts";
import { type RunningBlock, runBlock } from "../support/run-block.ts";

/** The port of the pages. */
const PORT = "2347";
/** The command line, as a shell runs it from any folder. */
export const CLI = `node ${resolve("dist/server/cli.js")}`;
const SERVE = `${CLI} serve`;
const BANNER = /Live page +http:\/\/127\.0\.0\.1:(\d+)\//;

/** A page for people of another world, whose blocks are run as they are printed. */
export class WorldPage {
  readonly text: string;
  readonly #file: string;
  readonly #blocks: readonly CodeBlock[];
  readonly #used = new Set<CodeBlock>();

  /** @param file path of the page, from the project's root */
  constructor(file: string) {
    this.#file = file;
    this.text = readFileSync(file, "utf8");
    this.#blocks = codeBlocks(file);
  }

  /** The block of a language that contains a text. Fails unless there is exactly one. */
  block(language: string, containing: string): CodeBlock {
    const found = this.#blocks.filter(
      (block) => block.language === language && block.text.includes(containing),
    );
    const [block] = found;
    if (block === undefined || found.length > 1) {
      throw new Error(`${this.#file} has ${found.length} ${language} blocks with ${containing}`);
    }
    this.#used.add(block);
    return block;
  }

  /** Lines of the blocks that no test has asked for so far. */
  get unused(): readonly number[] {
    return this.#blocks.filter((block) => !this.#used.has(block)).map(({ line }) => line);
  }

  /**
   * Runs a block, with another port than the printed one.
   *
   * @param after lines behind the block, such as what keeps its program running
   */
  run(block: CodeBlock, port: number, after = ""): Promise<RunningBlock> {
    return runBlock(block, { replace: { [PORT]: String(port) }, after });
  }

  /** Starts the server as the page's first block says; it ends with the test. */
  start(): Promise<number> {
    return serve(this.block("sh", "npm start").text.replace("npm ci && npm start", SERVE));
  }

  /**
   * Starts the server with the settings of a block, as the page says in a line.
   *
   * @throws if the page does not say it
   */
  async startWith(settings: CodeBlock): Promise<number> {
    const command = "npm start -- --config commonroom.toml";
    if (!this.text.includes(`\`${command}\``)) throw new Error(`the page lacks ${command}`);
    const folder = await mkdtemp(join(tmpdir(), "commonroom-page-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "commonroom.toml"), settings.text);
    return serve(command.replace("npm start --", SERVE), folder);
  }

  /** Lines that a change adds, and those it takes away. */
  change(containing: string): { readonly added: string[]; readonly removed: string[] } {
    const lines = this.block("diff", containing).text.split("\n");
    const of = (sign: string): string[] =>
      lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
    return { added: of("+"), removed: of("-") };
  }

  /** Links to files and headings that there are not. */
  brokenLinks(): string[] {
    const targets = [...this.text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target ?? "");
    return targets.filter((target) => !target.startsWith("http") && !this.#isThere(target));
  }

  #isThere(target: string): boolean {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? this.#file : join(dirname(this.#file), path);
    if (!existsSync(file)) return false;
    return anchor === undefined || anchorsOf(file).includes(anchor);
  }
}

/** Runs the command of a server on a free port, and gives the port once it listens. */
async function serve(command: string, folder?: string): Promise<number> {
  const server = await runBlock(
    { language: "sh", text: command },
    { environment: { PORT: "0" }, ...(folder !== undefined && { folder }) },
  );
  await server.printed(BANNER);
  return Number(BANNER.exec(server.output)?.[1]);
}

/** The anchors of a file's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodeBlock, codeBlocks } from "../support/code-blocks.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { startRedis } from "../support/redis-server.ts";
import { type RunningBlock, runBlock } from "../support/run-block.ts";
import { until } from "../support/until.ts";

const execute = promisify(execFile);
/** npm fetches and unpacks all packages. */
const TIMEOUT_MS = 600_000;

let folder: string;
let clone: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "commonroom-clone-"));
  clone = join(folder, "commonroom");
  await mkdir(join(folder, "prefix"));
  await execute("git", ["clone", "--quiet", process.cwd(), clone]);
}, TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What somebody has who has just installed Node: no global package, and no setting of this run. */
function environment(): Record<string, string> {
  const bin = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"];
  return {
    PATH: [...new Set(bin)].join(":"),
    NODE_PATH: "",
    NODE_OPTIONS: "",
    NODE_ENV: "",
    npm_config_prefix: join(folder, "prefix"),
    npm_config_prefer_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    PORT: "0",
  };
}

function blockOf(page: string, heading: string, index = 0): CodeBlock {
  const blocks = codeBlocks(join(clone, page)).filter((block) => block.heading === heading);
  const block = blocks[index];
  if (block === undefined) throw new Error(`${page} has no block ${index + 1} under ${heading}`);
  return block;
}

function runIn(block: CodeBlock, replace: Readonly<Record<string, string>> = {}) {
  return runBlock(block, { folder: clone, environment: environment(), replace });
}

async function urlOf(server: RunningBlock): Promise<string> {
  await server.printed(/Live page +http/, TIMEOUT_MS);
  return /Live page +(http:\/\/[^/\s]+)/.exec(server.output)?.[1] ?? "";
}

/** Asks a server for its page, and joins a room. */
async function isServed(url: string): Promise<void> {
  expect(await (await fetch(url)).text()).toContain("One room, whatever you speak.");
  const socket = connectPhoenix(`${url.replace("http", "ws")}/socket`);
  expect(await joinPhoenix(socket.channel("lobby", {}))).toMatchObject({ status: "ok" });
}

describe("a clean clone without global packages", { timeout: TIMEOUT_MS }, () => {
  it("is installed and started by the README's first command", async () => {
    await expect(access(join(clone, "node_modules"))).rejects.toThrow();
    await isServed(await urlOf(await runIn(blockOf("README.md", "Start"))));
  });

  it("is started with Redis by the second", async () => {
    const redis = await startRedis();
    const server = await runIn(blockOf("README.md", "Start", 1), {
      "redis://127.0.0.1:6379": redis.url,
    });
    const url = await urlOf(server);
    await isServed(url);
    const hasRedis = async () => (await fetch(`${url}/ready`)).ok;
    await until("Redis to be up", hasRedis);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ redis: "up" });
  });

  it("has the command that the README starts with npx", async () => {
    const text = "npx --no-install commonroom serve --help";
    const { code, output } = await (
      await runBlock({ language: "sh", text }, { folder: clone, environment: environment() })
    ).end();
    expect([code, output]).toEqual([0, expect.stringContaining("Usage: commonroom serve")]);
  });

  it("is built for production as docs/deploy.md says, and starts without what only tests need", async () => {
    const build = await runIn(blockOf("docs/deploy.md", "One node behind nginx"));
    expect(await build.end(TIMEOUT_MS)).toMatchObject({ code: 0 });
    await expect(access(join(clone, "node_modules", "vitest"))).rejects.toThrow();
    const text = "node dist/server/cli.js serve";
    const server = await runBlock(
      { language: "sh", text },
      { folder: clone, environment: environment() },
    );
    await isServed(await urlOf(server));
  });
});

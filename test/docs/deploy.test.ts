import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createClient } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";
import { settings } from "../../server/settings/setting.ts";
import { loadSettings } from "../../server/settings.ts";
import type { CodeBlock } from "../support/code-blocks.ts";
import { joinPlain } from "../support/plain-client.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, freePort, startRedis } from "../support/redis-server.ts";
import { type RunningBlock, runBlock } from "../support/run-block.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { type BlockTest, testEachBlock } from "./block-tests.ts";

const PAGE = "docs/deploy.md";
const SECRET = "a-better-secret-than-this";
const CLI = resolve("dist/server/cli.js");

/** Runs lines in a shell in which these commands only say how they were called. */
function rehearse(block: CodeBlock, commands: readonly string[], replace = {}) {
  const before = commands.map((name) => `${name}() { printf '%s ' ${name} "$@"; echo; }`);
  return runBlock(block, {
    before: ['sudo() { "$@"; }', ...before].join("\n"),
    replace,
    folder: resolve("."),
    environment: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` },
  });
}

/** Where a node that was started from a line listens, and what it was configured for. */
async function startNode(line: string, replace: Record<string, string>): Promise<string> {
  const block = { language: "sh", text: line };
  const own = { "node dist/server/cli.js": `node ${CLI}`, ...replace };
  const node: RunningBlock = await runBlock(block, { replace: own, environment: { PORT: "0" } });
  await node.printed(/Live page +http/);
  // The line says which address browsers use; where it listens is beside it.
  const port = /127\.0\.0\.1:(\d+)/.exec(node.output)?.[1];
  return `http://127.0.0.1:${port}`;
}

function load(file: string) {
  const flags = new Map([["config", "commonroom.toml"]]);
  const loaded = loadSettings({ flags, environment: {}, readFile: () => file });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded));
  return loaded.options;
}

function textOf(page: string): string {
  return readFileSync(page, "utf8");
}

const blocks: ReadonlyMap<string, BlockTest> = new Map<string, BlockTest>([
  [
    "One node behind nginx: sh",
    ({ text }) => {
      // It is run in a clean clone, by clean-clone.long.ts.
      expect(textOf("test/docs/clean-clone.long.ts")).toContain('"One node behind nginx"');
      expect(text).toContain("npm run build");
    },
  ],
  [
    "One node behind nginx: sh 2",
    async ({ text }) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const node = await runBlock(
        { language: "sh", text },
        { replace: { "node dist/server/cli.js": `PORT=${port} node ${CLI}` } },
      );
      await node.printed("rooms.example.org");
      await until("it to listen", () => fetch(`${url}/health`).then(({ ok }) => ok, isAway));
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ channel: "lobby" });
      const asked = await fetch(`${url}/token`, { method: "POST", headers, body });
      expect(asked.status).toBe(403);
      const server = { wsUrl: `ws://127.0.0.1:${port}` };
      await expect(joinPlain(server, "lobby")).rejects.toThrow("token_missing");
    },
  ],
  [
    "One node behind nginx: sh 3",
    async (block) => {
      const folder = await mkdtemp(join(tmpdir(), "commonroom-nginx-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const target = join(folder, "nginx.conf");
      const replace = { "/etc/nginx/nginx.conf": target };
      const names = ["apt-get", "nginx", "systemctl"];
      const { code, output } = await (await rehearse(block, names, replace)).end();
      expect(code).toBe(0);
      expect(output.trim().split(/ *\n/)).toEqual([
        "apt-get install nginx",
        "nginx -t",
        "systemctl reload nginx",
      ]);
      // test/deploy starts the real nginx with this file.
      expect(textOf(target)).toBe(textOf("docs/deploy/nginx.conf"));
    },
  ],
  [
    "One node behind nginx: toml",
    async ({ text }) => {
      const auth = { ...load(text).auth, jwtSecret: SECRET };
      const server = await startServer({ ...load(text), auth, host: "127.0.0.1", port: 0 });
      const connect = (origin: string) =>
        connectRaw(`ws://127.0.0.1:${server.port}/socket/websocket`, [], { origin });
      await connect("https://rooms.example.org");
      await expect(connect("https://elsewhere.example.org")).rejects.toThrow("403");
    },
  ],
  [
    "Several nodes: sh",
    async ({ text }) => {
      const redis = await startRedis();
      const lines = text.split("\n");
      expect(lines.map((line) => /PORT=(\d+)/.exec(line)?.[1])).toEqual(["2347", "2348"]);
      const replace = (port: string) => ({
        "redis://127.0.0.1:6379": redis.url,
        [`PORT=${port}`]: "PORT=0",
      });
      const urls = [
        await startNode(lines[0] ?? "", replace("2347")),
        await startNode(lines[1] ?? "", replace("2348")),
      ];
      for (const url of urls) {
        const isReady = () => fetch(`${url}/ready`).then(({ ok }) => ok, isAway);
        await until("it to be ready, with Redis", isReady);
        expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ redis: "up" });
      }
    },
  ],
  [
    "Several nodes: nginx",
    ({ text }) => {
      const file = textOf("docs/deploy/nginx.conf").replaceAll(/^ +/gm, "");
      const lines = text.replaceAll(/^ +/gm, "").split("\n");
      const added = lines.filter((line) => line.includes("2348"));
      expect(added).toHaveLength(1);
      expect(file).toContain(lines.filter((line) => !added.includes(line)).join("\n"));
    },
  ],
  [
    "Redis: conf",
    async ({ text }) => {
      const pairs = text.split("\n").map((line) => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? []);
      const redis = await startRedis(pairs.flatMap(([key, value]) => [`--${key}`, value ?? ""]));
      const backend = await connectBackend(redis.url);
      const read = await backend.configGet("maxmemory-policy");
      expect(read).toEqual({ "maxmemory-policy": "noeviction" });
      expect(await backend.configGet("appendonly")).toEqual({ appendonly: "yes" });
      const { "client-output-buffer-limit": limits } = await backend.configGet(
        "client-output-buffer-limit",
      );
      expect(limits).toContain("pubsub 268435456 67108864 60");
    },
  ],
  [
    "Redis: sh",
    async (block) => {
      const port = await freePort();
      const replace = {
        "docs/deploy/redis-acl.conf": resolve("docs/deploy/redis-acl.conf"),
        "6380": String(port),
      };
      const server = await runBlock(block, { replace });
      await server.printed("Ready to accept connections");
      const url = `redis://gateway:change-the-gateway-password@127.0.0.1:${port}`;
      expect(await (await connectBackend(url)).publish("to:lobby:message", "{}")).toBe(0);
    },
  ],
  [
    "Redis: conf 2",
    async ({ text }) => {
      const redis = await startRedis();
      const [, name = "", ...rules] = text.split(" ");
      const admin = await connectBackend(redis.url);
      // In a file a selector is one word of the line; a command takes it as one argument.
      await admin.sendCommand(["ACL", "SETUSER", name, ...joinSelectors(rules)]);
      const url = redis.url.replace("//", `//${name}:change-this-password@`);
      const client = createClient({ url });
      client.on("error", () => {});
      await client.connect();
      onTestFinished(() => client.destroy());
      expect(await client.publish("to:chat:1:message", "{}")).toBe(0);
      expect(await client.publish("presence:chat:1", "reply:1")).toBe(0);
      await expect(client.publish("to:lobby:message", "{}")).rejects.toThrow("NOPERM");
      await expect(client.set("key", "value")).rejects.toThrow("NOPERM");
    },
  ],
  [
    "A container, and Kubernetes: sh",
    async (block) => {
      const { code, output } = await (await rehearse(block, ["docker"])).end();
      expect(code).toBe(0);
      const [build = "", run = ""] = output.trim().split(/ *\n/);
      const [file = "", folder = ""] = /-f (\S+) (\S+)/.exec(build)?.slice(1) ?? [];
      expect([existsSync(file), folder]).toEqual([true, "."]);
      const tag = /-t (\S+)/.exec(build)?.[1];
      expect(run.endsWith(` ${tag}`)).toBe(true);
      const variable = /-e (\w+)=/.exec(run)?.[1];
      expect(settings.map((setting) => setting.variable)).toContain(variable);
      expect(run).toContain("-p 127.0.0.1:2347:2347");
    },
  ],
  [
    "A container, and Kubernetes: sh 2",
    async (block) => {
      const { code, output } = await (await rehearse(block, ["kubectl"])).end();
      expect(code).toBe(0);
      const [create = "", apply = ""] = output.trim().split(/ *\n/);
      const file = /-f (\S+)/.exec(apply)?.[1] ?? "";
      const wanted = [...textOf(file).matchAll(/secretKeyRef:\s+name: (\S+)\s+key: (\S+)/g)];
      const name = /secret generic (\S+)/.exec(create)?.[1];
      const keys = [...create.matchAll(/--from-literal=([\w-]+)=/g)].map(([, key]) => key);
      expect(wanted.map(([, secret, key]) => [secret, key])).toEqual(
        keys.map((key) => [name, key]),
      );
    },
  ],
  [
    "Updates: toml",
    ({ text }) => {
      const {
        drainBatchSize = 0,
        drainEveryMs = 0,
        shutdownTimeoutMs = 0,
      } = load(text).limits ?? {};
      const drained = (drainBatchSize * shutdownTimeoutMs) / drainEveryMs;
      const secs = shutdownTimeoutMs / 1000;
      const claim = `These drain ${drained.toLocaleString("en-US")} connections in ${secs} s.`;
      expect(textOf(PAGE)).toContain(claim);
    },
  ],
]);

describe(PAGE, { timeout: 30_000 }, () => {
  testEachBlock("docs/deploy.md", blocks);

  it("has its words beside the blocks tested, too", () => {
    expect(textOf("test/deploy/document.test.ts")).toContain(`"${PAGE}"`);
  });
});

function isAway(): false {
  return false;
}

/** Words, of which those in a pair of brackets are one. */
function joinSelectors(words: readonly string[]): string[] {
  const joined = words.join(" ").match(/\([^)]*\)|\S+/g);
  return [...(joined ?? [])];
}

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSettings } from "../../server/settings.ts";
import { BusListener } from "../support/bus-listener.ts";
import type { CodeBlock } from "../support/code-blocks.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../support/phoenix-client.ts";
import { joinPlain } from "../support/plain-client.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, freePort, startRedis } from "../support/redis-server.ts";
import { type RunningBlock, runBlock } from "../support/run-block.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { type BlockTest, testEachBlock } from "./block-tests.ts";

const CLI = `node ${resolve("dist/server/cli.js")}`;
const SECRET = "a-better-secret-than-this";
const ADDRESS = "127.0.0.1:2347";

/** Runs a command of the server's with the build, on a free port. */
function serve(block: CodeBlock, replace: Readonly<Record<string, string>>): Promise<RunningBlock> {
  return runBlock(block, { replace, environment: { PORT: "0" } });
}

async function urlOf(server: RunningBlock): Promise<string> {
  await server.printed(/Live page +http/);
  return /Live page +(http:\/\/[^/\s]+)/.exec(server.output)?.[1] ?? "";
}

/** A native member of the lobby, and the texts that it hears. */
async function listenInLobby({ url }: Pick<TestServer, "url">) {
  const native = await connectSocketIo(url);
  const texts: string[] = [];
  native.on("message", ({ text }: { text: string }) => void texts.push(text));
  await ask(native, "join", "lobby", {});
  const say = (text: string) => ask(native, "push", "lobby", "message", { text });
  return { texts, say };
}

/** Runs a client's program: it is heard by a member of the lobby, and prints what that one says. */
function talks(says: string): BlockTest {
  return async (block) => {
    const server = await startServer();
    const { texts, say } = await listenInLobby(server);
    const program = await runBlock(block, { replace: { [ADDRESS]: `127.0.0.1:${server.port}` } });
    await until(`to hear ${says}`, () => texts.includes(says), 10_000);
    await say("hello from the test");
    await program.printed("hello from the test");
    expect(program.output).not.toContain("Error");
  };
}

/** Loads settings from a file. */
function load(file: string) {
  const flags = new Map([["config", "commonroom.toml"]]);
  const loaded = loadSettings({ flags, environment: {}, readFile: () => file });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded));
  return loaded.options;
}

const blocks: ReadonlyMap<string, BlockTest> = new Map<string, BlockTest>([
  [
    "Start: sh",
    async (block) => {
      // `npm ci` in a clean clone is run by clean-clone.long.ts; here the build that there is.
      const start = { "npm ci && npm start": `${CLI} serve` };
      const url = await urlOf(await serve(block, start));
      const page = await (await fetch(url)).text();
      expect(page).toContain("One room, whatever you speak.");
      expect(scripts()["start"]).toMatch(/node dist\/server\/cli\.js serve$/);
    },
  ],
  [
    "Start: sh 2",
    async (block) => {
      const redis = await startRedis();
      const own = { "npm start --": `${CLI} serve`, "redis://127.0.0.1:6379": redis.url };
      const url = await urlOf(await serve(block, own));
      await until("Redis to be up", () => hasRedis(url));
    },
  ],
  ["A library that you already have: js", talks("hello from phoenix.js")],
  ["A library that you already have: js 2", talks("hello from Socket.IO")],
  ["JSON, and the room client: js", talks("hello without a library")],
  ["JSON, and the room client: js 2", talks("hello from the room client")],
  ["JSON, and the room client: python", talks("hello from Python")],
  [
    "Redis or HTTP, from a backend: python",
    async (block) => {
      const redis = await startRedis();
      const { texts, say } = await listenInLobby(await startServer({ redisUrl: redis.url }));
      const replace = { "redis.Redis()": `redis.Redis(port=${redis.port})` };
      const program = await runBlock(block, { replace });
      await until("to hear Python", () => texts.includes("hello from Python"), 10_000);
      // Nobody tells when it listens: what is said before is gone.
      await until("it to hear", async () => {
        await say("hello from the test");
        return program.output.includes('from:lobby:message {"text":"hello from the test"}');
      });
    },
  ],
  [
    "Redis or HTTP, from a backend: sh",
    async (block) => {
      const server = await startServer();
      const { texts } = await listenInLobby(server);
      const replace = { [ADDRESS]: `127.0.0.1:${server.port}` };
      const { code, output } = await (await runBlock(block, { replace })).end();
      expect(code).toBe(0);
      expect(output).toContain('{"room":"lobby","event":"message","members":1}');
      await until("to hear it", () => texts.includes("hello from curl"));
    },
  ],
  [
    "Redis or HTTP, from a backend: sh 2",
    async (block) => {
      const server = await startServer({ auth: { jwtSecret: SECRET, anonymous: ["lobby"] } });
      const { texts } = await listenInLobby(server);
      const replace = { [ADDRESS]: `127.0.0.1:${server.port}`, "npx commonroom": CLI };
      const { output } = await (await runBlock(block, { replace })).end();
      expect(output).toContain('{"room":"lobby","event":"message","members":1}');
      await until("to hear it", () => texts.includes("hello from curl"));
    },
  ],
  [
    "Channels of your own: ts",
    async (block) => {
      const port = await freePort();
      await runBlock(block, { replace: { "3000": String(port) } });
      const isUp = () => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok, isAway);
      await until("it to listen", isUp, 10_000);
      const join = (room: string, params: object) => {
        const channel = connectPhoenix(`ws://127.0.0.1:${port}/socket`).channel(room, params);
        return { channel, reply: joinPhoenix(channel) };
      };
      const root = join("room:lobby", { name: "root" });
      expect(await root.reply).toMatchObject({ response: { reason: "unauthorized" } });
      const ann = join("room:lobby", { name: "Ann" });
      expect(await ann.reply).toEqual({ status: "ok", response: { welcome: "Ann" } });
      const shouts: unknown[] = [];
      ann.channel.on("shout", (shout) => void shouts.push(shout));
      expect(await pushPhoenix(ann.channel, "shout", { text: "hi" })).toMatchObject({
        status: "ok",
      });
      await until("the shout", () => shouts.length === 1);
      expect(shouts).toEqual([{ text: "hi", by: "Ann" }]);
      expect(await join("room:lobby", { name: "" }).reply).toMatchObject({ status: "error" });
      expect(await join("elsewhere", {}).reply).toMatchObject({
        response: { reason: "unmatched topic" },
      });
    },
  ],
  [
    "In your own server: ts",
    async (block) => {
      const program = await runBlock(block, {
        before: [
          'import { createServer } from "node:http";',
          'import { createCommonroom } from "commonroom";',
          'const server = createServer((_request, response) => response.end("its own"));',
          "const findUser = async (_cookie: unknown, ticket: unknown) =>",
          "  ticket === undefined ? undefined : { id: ticket };",
        ].join("\n"),
        after: [
          'server.listen(0, "127.0.0.1", () => console.log("at", server.address()));',
          'process.on("SIGUSR2", () => commonroom.disconnect("user:7"));',
        ].join("\n"),
        environment: { JWT_SECRET: SECRET },
      });
      await program.printed(/port: \d+/);
      const port = /port: (\d+)/.exec(program.output)?.[1];
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("its own");
      const address = `ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`;
      await expect(connectRaw(address)).rejects.toThrow("401");
      const connect = (ticket: string) => connectRaw(`${address}&ticket=${ticket}`);
      const [seven, eight] = [await connect("7"), await connect("8")];
      program.signal("SIGUSR2");
      expect((await seven.end()).code).toBe(1001);
      eight.send([null, "1", "phoenix", "heartbeat", {}]);
      expect(await eight.next()).toMatchObject([null, "1", "phoenix", "phx_reply", {}]);
    },
  ],
  [
    "Rooms that remember: toml",
    async ({ text }) => {
      const server = await startServer(load(text));
      const channel = connectPhoenix(`${server.wsUrl}/socket`).channel("log:a", {});
      expect(await joinPhoenix(channel)).toMatchObject({ response: { offset: 0 } });
      expect(await pushPhoenix(channel, "said", { n: 1 })).toMatchObject({
        response: { offset: 1 },
      });
      const log = await (await fetch(`${server.url}/rooms/log:a/log?after=0`)).json();
      expect(log).toMatchObject({ offset: 1, entries: [{ event: "said", payload: { n: 1 } }] });
    },
  ],
  [
    "Scaling: sh",
    async (block) => {
      const server = await serve(block, { "npx commonroom": CLI });
      const { texts, say } = await listenInLobby({ url: await urlOf(server) });
      expect(await say("alone")).toMatchObject({ status: "ok" });
      expect(texts).toEqual([]);
    },
  ],
  [
    "Scaling: sh 2",
    async (block) => {
      const redis = await startRedis();
      const own = { "npx commonroom": CLI, "redis://127.0.0.1:6379": redis.url };
      const nodes = [
        await serve(block, own),
        await serve(block, { ...own, "--node a": "--node b" }),
      ];
      const [a, b] = await Promise.all(nodes.map(urlOf));
      for (const url of [a, b]) await until("Redis to be up", () => hasRedis(url ?? ""));
      const there = await listenInLobby({ url: a ?? "" });
      const here = await listenInLobby({ url: b ?? "" });
      await here.say("hello from the other node");
      await until("to hear it", () => there.texts.includes("hello from the other node"));
    },
  ],
  [
    "Settings: sh",
    async (block) => {
      const { code, output } = await (
        await runBlock(block, { replace: { "npx commonroom": CLI } })
      ).end();
      expect(code).toBe(0);
      expect(output).toContain("Usage: commonroom serve");
    },
  ],
  [
    "Settings: toml",
    async ({ text }) => {
      const redis = await startRedis();
      const options = load(text);
      expect(options).toMatchObject({ host: "0.0.0.0", port: 2347 });
      const here = { host: "127.0.0.1", port: 0, redisUrl: redis.url };
      const server = await startServer({ ...options, ...here });
      await joinPlain(server, "public:news");
      await expect(joinPlain(server, "lobby")).rejects.toThrow("token_missing");
      const backend = await new BusListener().listen(await connectBackend(redis.url), "from:*");
      const token = await tokenOf(server, "commands:*");
      const [ann, bob] = [
        await joinPlain(server, "commands:1", { token }),
        await joinPlain(server, "commands:1", { token }),
      ];
      ann.send({ _room: "commands:1", text: "go" });
      expect(await backend.json("from:commands:1:message")).toEqual({ text: "go" });
      expect(bob.received.length).toBe(1);
    },
  ],
  [
    "Settings: sh 2",
    async (block) => {
      const { code, output } = await (
        await runBlock(block, { replace: { "npx commonroom": CLI } })
      ).end();
      expect(code).toBe(0);
      const server = await startServer({ auth: { jwtSecret: SECRET } });
      await joinPlain(server, "chat:1", { token: output.trim() });
      await expect(joinPlain(server, "lobby", { token: output.trim() })).rejects.toThrow(
        "room_forbidden",
      );
    },
  ],
  [
    "Test: sh",
    ({ text }) => {
      // It is what runs this very test.
      expect(text).toBe("npm ci && npm test");
      expect(scripts()["test"]).toBe("vitest run");
    },
  ],
]);

describe("the README", { timeout: 40_000 }, () => {
  testEachBlock("README.md", blocks);

  it("names scripts of npm that there are", () => {
    const named = [...readFileSync("README.md", "utf8").matchAll(/npm run ([\w:-]+)/g)];
    expect(named.length).toBeGreaterThan(5);
    for (const [, name = ""] of named) expect(Object.keys(scripts())).toContain(name);
  });
});

function scripts(): Record<string, string> {
  return (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> })
    .scripts;
}

async function hasRedis(url: string): Promise<boolean> {
  const { redis } = (await (await fetch(`${url}/health`)).json()) as { redis: string };
  return redis === "up";
}

function isAway(): false {
  return false;
}

async function tokenOf({ url }: TestServer, channel: string): Promise<string> {
  const response = await fetch(`${url}/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ channel, id: "ann" }),
  });
  return ((await response.json()) as { token: string }).token;
}

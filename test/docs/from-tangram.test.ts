import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findPython } from "../room-clients/python-process.ts";
import { startBrowser } from "../support/browser.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { pythonPackage } from "../support/python-packages.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, freePort, startRedis } from "../support/redis-server.ts";
import { type RunningBlock, runBlock } from "../support/run-block.ts";
import { until } from "../support/until.ts";
import { changedText, startPrinted, withAddresses } from "./printed-server.ts";
import { WorldPage } from "./world-page.ts";

const page = new WorldPage("docs/from-tangram.md");
const blocks = {
  file: page.block("diff", "public_url"),
  serve: page.block("sh", "--config tangram.toml"),
  page: page.block("js", "join-streaming"),
  plugin: page.block("python", "psubscribe"),
  look: page.block("sh", "redis-cli"),
  rooms: page.block("toml", "[[rooms]]"),
  socketIo: page.block("js", "socket.io-client"),
};
const tangram = pythonPackage("tangram");
const REDIS = "127.0.0.1:6379";
const SERVER = "127.0.0.1:2347";

/** Commonroom as the page starts it, and a Redis beside it. */
class House {
  readonly redisUrl: string;
  /** What stands in `tangram.toml`, with the ports of the test. */
  readonly settings: string;
  readonly #redis: string;
  readonly #server: string;

  private constructor(redisPort: number, port: number, idlePort: number) {
    this.#redis = `127.0.0.1:${redisPort}`;
    this.redisUrl = `redis://${this.#redis}`;
    this.#server = `127.0.0.1:${port}`;
    const changed = withAddresses(changedText(blocks.file), {
      [REDIS]: this.#redis,
      [SERVER]: this.#server,
      "port = 2350": `port = ${idlePort}`,
    });
    this.settings = `${changed}\n\n${blocks.rooms.text}\n`;
  }

  static async open(): Promise<House> {
    const redis = await startRedis();
    const port = await freePort();
    const house = new House(redis.port, port, await freePort());
    await startPrinted(blocks.serve, {
      files: { "tangram.toml": house.settings },
      replace: { "--port 2347": `--port ${port}` },
    });
    return house;
  }

  get url(): string {
    return `http://${this.#server}`;
  }

  runPage(block: keyof typeof blocks): Promise<RunningBlock> {
    return runBlock(blocks[block], { replace: { [SERVER]: this.#server } });
  }

  runBackend(block: keyof typeof blocks): Promise<RunningBlock> {
    return runBlock(blocks[block], { replace: { [REDIS]: this.#redis } });
  }

  async token(channel: string | readonly string[]): Promise<string> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ channel });
    const response = await fetch(`${this.url}/token`, { method: "POST", headers, body });
    return ((await response.json()) as { token: string }).token;
  }
}

describe("the page for people who come from Tangram", { timeout: 40_000 }, () => {
  it("changes two lines of tangram.toml, in which Tangram's own port is not the pages'", () => {
    expect(page.change("public_url")).toEqual({
      removed: ["port = 2347"],
      added: ["port = 2350", 'public_url = "http://127.0.0.1:2347"'],
    });
  });

  it("has a page and a plugin that hear each other, as on Tangram", async () => {
    const house = await House.open();
    const plugin = await house.runBackend("plugin");
    await plugin.printed("psubscribe from:system:*");
    const tangramPage = await house.runPage("page");
    await tangramPage.printed("the page heard uptime 0:00:05");
    await plugin.printed(/pmessage from:system:join-streaming b'\{"connectionId":"\w{8}"\}'/);
    expect(plugin.output).toMatch(/pmessage from:system:phx_join b'\{"id":"\w{8}"/);
    expect(plugin.output).not.toContain("eyJ");
    expect(tangramPage.output).not.toContain("refused");

    const look = await house.runBackend("look");
    expect(await look.end()).toMatchObject({ code: 0, output: expect.stringMatching(/^[1-9]/) });
    await tangramPage.printed("the page heard cpu_load 12.34%");
  });

  it("has a Socket.IO client that hears the plugins, and what it missed", async () => {
    const house = await House.open();
    const backend = await connectBackend(house.redisUrl);
    const isLogged = async (): Promise<boolean> => {
      const headers = { authorization: `Bearer ${await house.token("explore")}` };
      const response = await fetch(`${house.url}/rooms/explore/log`, { headers });
      return ((await response.json()) as { offset: number }).offset === 2;
    };
    for (const op of ["clear", "add"]) {
      await backend.publish("to:explore:layers", JSON.stringify({ op }));
    }
    await until("the log of explore", isLogged);

    const program = await house.runPage("socketIo");
    await program.printed("joined explore ok");
    await program.printed("message 2 of explore: add");
    expect(program.output.split("\n").filter((line) => line.startsWith("message"))).toEqual([
      "message 1 of explore: clear",
      "message 2 of explore: add",
    ]);
    await house.runBackend("look");
    await program.printed("Socket.IO heard cpu_load 12.34%");
  });

  it("has a phoenix.js page that says since: 0 sent what it missed", async () => {
    const house = await House.open();
    const backend = await connectBackend(house.redisUrl);
    const socket = connectPhoenix(`${house.url.replace("http", "ws")}/websocket`);
    const token = await house.token("explore");
    const early = socket.channel("explore", { token });
    expect(await joinPhoenix(early)).toMatchObject({ status: "ok" });
    await backend.publish("to:explore:layers", '{"op":"add"}');
    const heard: unknown[] = [];
    const late = connectPhoenix(`${house.url.replace("http", "ws")}/websocket`).channel("explore", {
      token,
      since: 0,
    });
    late.on("layers", (layer: unknown) => void heard.push(layer));
    expect(await joinPhoenix(late)).toMatchObject({
      status: "ok",
      response: { recovered: true, epoch: expect.any(String) },
    });
    await until("the layer", () => heard.length > 0);
    expect(heard).toEqual([{ op: "add", _offset: 1 }]);
  });

  it.each([
    [["system", "streaming-*"], "streaming-1", "ok"],
    ["*", "system", "ok"],
    ["system", "streaming-1", "error"],
  ] as const)("has a token for %j that gets, in %s, %s", async (channel, room, status) => {
    const house = await House.open();
    const socket = connectPhoenix(`${house.url.replace("http", "ws")}/websocket`);
    const join = joinPhoenix(socket.channel(room, { token: await house.token(channel) }));
    expect(await join).toMatchObject({ status });
  });

  it("hands on the text that a plugin wrote, to the byte", async () => {
    const house = await House.open();
    const backend = await connectBackend(house.redisUrl);
    const raw = await connectRaw(`${house.url.replace("http", "ws")}/websocket?vsn=2.0.0`);
    const texts: string[] = [];
    raw.webSocket.on("message", (data: Buffer) => texts.push(data.toString()));
    const token = await house.token("jet1090");
    raw.webSocket.send(JSON.stringify(["1", "1", "jet1090", "phx_join", { token }]));
    await until("the join's answer", () => texts.length > 0);
    await backend.publish("to:jet1090:a", '{"z": 9007199254740993, "a": 1.0}');
    const frame = '[null,null,"jet1090","a",{"z": 9007199254740993, "a": 1.0}]';
    await until("the frame", () => texts.includes(frame));
  });

  // With: pip install --target node_modules/.cache/python/tangram tangram_core tangram_system
  it.skipIf(!tangram.isThere)("has the page and a plugin of Tangram itself", async () => {
    const house = await House.open();
    const folder = await mkdtemp(join(tmpdir(), "commonroom-tangram-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, "tangram.toml");
    const port = await freePort();
    const [, rest = ""] = house.settings.split("[core]\n");
    const plugins = `[server]\nport = ${port}\n\n[core]\nplugins = ["tangram_system"]\n${rest}`;
    await writeFile(file, plugins);
    // Without the system's own packages, whose versions are others.
    const program = await runBlock(
      { language: "sh", text: `exec ${findPython()} -S -m tangram_core serve --config ${file}` },
      { environment: { PYTHONPATH: tangram.folder } },
    );
    await program.printed("Uvicorn running");

    const browser = await startBrowser();
    const visitor = await browser.newPage();
    const frames: string[] = [];
    visitor.on("websocket", (socket) => {
      if (!socket.url().startsWith(house.url.replace("http", "ws"))) return;
      socket.on("framereceived", ({ payload }) => frames.push(payload.toString()));
    });
    await visitor.goto(`http://127.0.0.1:${port}/`, { waitUntil: "commit" });
    const has = (start: string) => () => frames.some((frame) => frame.includes(start));
    await until("its join", has('"system","phx_reply",{"status":"ok"'), 15_000);
    await until("its plugin", has('"system","update-node",{"el":"cpu_load"'), 15_000);
  });

  it("leaves no block and no link untried", () => {
    expect(page.unused).toEqual([]);
    expect(page.brokenLinks()).toEqual([]);
  });
});

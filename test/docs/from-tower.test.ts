import { createHmac } from "node:crypto";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { pythonPackage } from "../support/python-packages.ts";
import { connectRaw } from "../support/raw-client.ts";
import { freePort, startRedis } from "../support/redis-server.ts";
import { type RunBlockOptions, type RunningBlock, runBlock } from "../support/run-block.ts";
import { openTower, type TowerClient } from "../support/tower-client.ts";
import { until } from "../support/until.ts";
import { runPrinted, startPrinted } from "./printed-server.ts";
import { WorldPage } from "./world-page.ts";

const page = new WorldPage("docs/from-tower.md");
const blocks = {
  serve: page.block("sh", "npm ci"),
  page: page.block("js", "new WebSocket"),
  awxkit: page.block("python", "awxkit"),
  emit: page.block("python", "from commonroom_tower"),
  relay: page.block("toml", "relay_secret"),
  token: page.block("sh", "commonroom token"),
  sessions: page.block("js", "resolveUser"),
  rooms: page.block("toml", "[[rooms]]"),
  phoenix: page.block("js", "phoenix"),
  curl: page.block("sh", "curl"),
};
/** How the page says, in a line, to start with the settings of a block. */
const starts = {
  relay: "npm start -- --config commonroom.toml",
  rooms: "npm start -- --config commonroom.toml --redis redis://127.0.0.1:6379",
} as const;
const SERVER = "127.0.0.1:2347";
const awxkit = pythonPackage("awxkit");
const STATUS = '{"unified_job_id": 42, "status": "running", "group_name": "jobs"}';
const EVENT = '{"job": 42, "counter": 1, "stdout": "ok: [h1]", "group_name": "job_events"}';

/** A server of the page's and the Redis beside it. */
class House {
  readonly port: number;
  readonly #redisUrl: string;

  private constructor(port: number, redisUrl: string) {
    this.port = port;
    this.#redisUrl = redisUrl;
  }

  /** As the page starts it, with the settings of a block where the page says so. */
  static async open(settings?: keyof typeof starts): Promise<House> {
    const house = await House.#prepare();
    const { text } = blocks.serve;
    const command = settings === undefined ? text : `npm ci && ${starts[settings]}`;
    if (settings !== undefined) expect(page.text).toContain(`\`${starts[settings]}\``);
    const withPort = { language: "sh", text: `${command} --port ${house.port}` };
    await startPrinted(withPort, {
      replace: command.includes("--redis") ? { "redis://127.0.0.1:6379": house.#redisUrl } : {},
      ...(settings !== undefined && { files: { "commonroom.toml": blocks[settings].text } }),
    });
    return house;
  }

  /** The application of the page. */
  static async openSessions(): Promise<House> {
    const house = await House.#prepare();
    const program = await runBlock(blocks.sessions, {
      replace: { "2347": `${house.port}`, "redis://127.0.0.1:6379": house.#redisUrl },
    });
    await program.printed(`listening at http://127.0.0.1:${house.port}`);
    return house;
  }

  static async #prepare(): Promise<House> {
    const redis = await startRedis();
    return new House(await freePort(), redis.url);
  }

  run(block: keyof typeof blocks, options: RunBlockOptions = {}): Promise<RunningBlock> {
    return runBlock(blocks[block], {
      replace: { [SERVER]: `127.0.0.1:${this.port}` },
      ...options,
    });
  }

  /** Runs the backend of the page to its end. */
  async emit(): Promise<void> {
    const environment = { PYTHONPATH: resolve("examples/tower"), REDIS_URL: this.#redisUrl };
    const backend = await runBlock(blocks.emit, { environment });
    expect(await backend.end()).toEqual({ code: 0, output: "" });
  }

  connect(path = "/websocket/", cookie?: string): Promise<TowerClient> {
    const headers = cookie === undefined ? {} : { headers: { cookie }, csrfToken: "TOK" };
    return openTower(`ws://127.0.0.1:${this.port}${path}`, headers);
  }
}

describe("the page for people who come from Tower", { timeout: 40_000 }, () => {
  it("changes one line of a page, and runs what it adds", () => {
    const { added, removed } = page.change("new WebSocket");
    expect(removed).toHaveLength(1);
    expect(added).toHaveLength(1);
    expect(blocks.page.text.split("\n")).toContain(added[0]);
  });

  it("changes one line of the backend, and runs what it adds", () => {
    const { added, removed } = page.change("awx.main.consumers");
    expect(removed).toEqual(["from awx.main.consumers import emit_channel_notification"]);
    expect(blocks.emit.text.split("\n")).toContain(added[0]);
    expect(added).toHaveLength(1);
  });

  it("has a page that gets the backend's notifications as they were written", async () => {
    const house = await House.open();
    const program = await house.run("page");
    await program.printed('the page got {"groups_current"');
    await house.emit();
    await program.printed(`the page got ${EVENT}`);
    expect(program.output.split("\n").slice(0, 4)).toEqual([
      'the page got {"accept": true, "user": null}',
      expect.stringContaining('"jobs-status_changed", "jobs-summary", "job_events-42"'),
      `the page got ${STATUS}`,
      `the page got ${EVENT}`,
    ]);
  });

  // With: pip install --target node_modules/.cache/python/awxkit 'awxkit[websockets]'
  it.skipIf(!awxkit.isThere)("has an awxkit that gets them, too", async () => {
    const house = await House.open();
    const program = await house.run("awxkit", { environment: { PYTHONPATH: awxkit.folder } });
    await program.printed("groups_current");
    await house.emit();
    await program.printed("awxkit got {'job': 42, 'counter': 1, 'stdout': 'ok: [h1]'");
    expect(program.output).toContain("'unified_job_id': 42, 'status': 'running'");
  });

  it("lets AWX's task nodes feed it", async () => {
    const house = await House.open("relay");
    const [, secret = ""] = /"(.+)"/.exec(blocks.relay.text) ?? [];
    const nonce = String(Math.floor(Date.now() / 1000));
    const signed = `{"secret": "${secret}", "nonce": "${nonce}"}`;
    const hex = createHmac("sha256", secret).update(signed).digest("hex");
    const relay = await connectRaw(`ws://127.0.0.1:${house.port}/websocket/relay/`, [], {
      secret: `HMAC-SHA256 ${nonce}:${hex}`,
    });
    const client = await house.connect();
    await client.groups({ jobs: ["status_changed"] });
    expect(await relay.next()).toMatchObject({
      type: "consumer.subscribe",
      groups: ["jobs-status_changed"],
    });
    const message = { type: "internal.message", text: STATUS };
    relay.send({ group: "jobs-status_changed", message });
    expect(await client.next()).toBe(STATUS);
  });

  it("has a token in the address that opens its groups and no others", async () => {
    const signed = await (await runPrinted(blocks.token)).end();
    const port = await freePort();
    const secret = /--jwt-secret \S+/.exec(blocks.token.text)?.[0];
    const text = `npm ci && npm start -- --port ${port} ${secret}`;
    await startPrinted({ language: "sh", text });
    const url = `ws://127.0.0.1:${port}/websocket/`;
    await expect(openTower(url)).rejects.toThrow("403");
    const client = await openTower(`${url}?token=${signed.output.trim()}`);
    client.ask({ jobs: ["status_changed"], job_events: [42, 43] });
    expect(await client.next()).toContain("access denied to channel job_events for resource id 43");
    expect(JSON.parse(await client.next())).toMatchObject({
      groups_joined: ["jobs-status_changed", "job_events-42"],
    });
  });

  it("has an application that knows sessions, and whose jobs their users see", async () => {
    const house = await House.openSessions();
    await expect(house.connect("/websocket/", "awx_sessionid=other")).rejects.toThrow("403");
    const client = await house.connect("/api/websocket/", 'awx_sessionid="s1";csrftoken=TOK');
    client.ask({ jobs: ["status_changed"], job_events: [42, 999] });
    expect(await client.next()).toBe(
      '{"error": "access denied to channel job_events for resource id 999"}',
    );
    expect(await client.next()).toContain('"groups_joined"');
    await house.emit();
    expect([await client.next(), await client.next()]).toEqual([STATUS, EVENT]);
  });

  // As above: awxkit shows the session's cookie, in double quotes.
  it.skipIf(!awxkit.isThere)("knows the session of an awxkit", async () => {
    const house = await House.openSessions();
    const text = blocks.awxkit.text.replace(
      "WSClient()",
      'WSClient(session_id="s1", csrftoken="TOK")',
    );
    const program = await runBlock(
      { language: "python", text },
      {
        replace: { [SERVER]: `127.0.0.1:${house.port}` },
        environment: { PYTHONPATH: awxkit.folder },
      },
    );
    await program.printed("{'accept': True, 'user': 1}");
    await program.printed("'job_events-42'");
  });

  it("has a phoenix.js page that gets a job's earlier events, and what comes", async () => {
    const house = await House.open("rooms");
    const client = await house.connect();
    await client.groups({ job_events: [42] });
    await house.emit();
    expect(await client.next()).toBe(EVENT);

    const program = await house.run("phoenix");
    await program.printed("phoenix.js got event 1 ok: [h1]");
    const curl = await house.run("curl");
    expect(await curl.end()).toMatchObject({ code: 0, output: expect.stringContaining("offset") });
    await program.printed("phoenix.js got event 2 by curl");
    const [, payload] = /"payload": (\{.+?\})/.exec(blocks.curl.text) ?? [];
    expect(await client.next()).toBe(payload);
    await until("no more", () => client.frames.length === 0);
  });

  it("leaves no block and no link untried", () => {
    expect(page.unused).toEqual([]);
    expect(page.brokenLinks()).toEqual([]);
  });
});

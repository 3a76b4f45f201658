import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ColoniesClient,
  deriveId,
  generatePrivateKey,
  ProcessState,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { pythonPackage } from "../support/python-packages.ts";
import { freePort } from "../support/redis-server.ts";
import { type RunBlockOptions, type RunningBlock, runBlock } from "../support/run-block.ts";
import { until } from "../support/until.ts";
import vectors from "../vectors/colonies.json" with { type: "json" };
import { runPrinted, startPrinted, withAddresses } from "./printed-server.ts";
import { WorldPage } from "./world-page.ts";

const page = new WorldPage("docs/from-colonyos.md");
const blocks = {
  serve: page.block("sh", "npm ci"),
  client: page.block("js", "subscribeChannel"),
  executor: page.block("js", "assign"),
  python: page.block("python", "pycolonies"),
  members: page.block("toml", "server_id"),
  phoenix: page.block("js", "phoenix"),
  token: page.block("sh", "commonroom token"),
};
const pycolonies = pythonPackage("pycolonies");
const COLONY = "my-colony";
const LINES = ["[1] line 1", "[2] line 2", "[3] line 3", "the process is over"];

/** The module that stands for `colonies-ts`, which no registry has: `COLONIES_TS`, or the example's client. */
let client = process.env["COLONIES_TS"] ?? "";
let folder: string | undefined;
beforeAll(async () => {
  if (client !== "") return;
  folder = await mkdtemp(join(tmpdir(), "commonroom-colonies-"));
  client = join(folder, "colonies-ts.mjs");
  const input = "examples/colonies-stream/colonies-client/index.ts";
  const bundle = await rolldown({ input, platform: "node", logLevel: "silent" });
  await bundle.write({ file: client, format: "esm" });
  await bundle.close();
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** A server of the page's. */
class House {
  readonly port: number;
  readonly coloniesPort: number;

  private constructor(port: number, coloniesPort: number) {
    this.port = port;
    this.coloniesPort = coloniesPort;
  }

  /** As the page's first command starts it. */
  static async open(): Promise<House> {
    const house = new House(await freePort(), await freePort());
    const text = `${blocks.serve.text} --port ${house.port}`;
    await startPrinted({ language: "sh", text }, { replace: { "50080": `${house.coloniesPort}` } });
    return house;
  }

  /** With the members that the page lists, as it says in a line. */
  static async openWithMembers(flag = ""): Promise<House> {
    const house = new House(await freePort(), await freePort());
    const command = "npm start -- --config commonroom.toml";
    expect(page.text).toContain(`\`${command}\``);
    const settings = withAddresses(blocks.members.text, { "50080": `${house.coloniesPort}` });
    const text = `npm ci && ${command} --port ${house.port} ${flag}`;
    await startPrinted({ language: "sh", text }, { files: { "commonroom.toml": settings } });
    return house;
  }

  /** Runs a block with the ports of the test. */
  run(block: keyof typeof blocks, options: RunBlockOptions = {}): Promise<RunningBlock> {
    const { text, language } = blocks[block];
    const replace = {
      "50080": `${this.coloniesPort}`,
      ...(text.includes("2347") && { "2347": `${this.port}` }),
      ...(language === "js" && { '"colonies-ts"': JSON.stringify(client) }),
    };
    return runBlock(blocks[block], { replace, ...options });
  }

  clientOf(privateKey: string): ColoniesClient {
    const made = new ColoniesClient({ host: "127.0.0.1", port: this.coloniesPort, tls: false });
    made.setPrivateKey(privateKey);
    return made;
  }
}

const spec = {
  funcname: "count",
  conditions: { colonyname: COLONY, executortype: "counter" },
  channels: ["output"],
};

describe("the page for people who come from ColonyOS", { timeout: 40_000 }, () => {
  it("changes one line of a client, and runs what it adds", () => {
    const { added, removed } = page.change("ColoniesClient");
    expect(removed).toHaveLength(1);
    expect(added).toEqual(['  host: "127.0.0.1",']);
    for (const block of [blocks.client, blocks.executor, blocks.phoenix]) {
      expect(block.text).toContain('{ host: "127.0.0.1", port: 50080, tls: false }');
    }
  });

  it("has a client that reads an executor's channel, from before it runs to its end", async () => {
    const house = await House.open();
    const program = await house.run("client");
    await program.printed("submitted");
    const executor = await house.run("executor");
    expect(await executor.end()).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^closed [0-9a-f]{64}\n$/),
    });
    expect((await program.end()).output.trimEnd().split("\n").slice(1)).toEqual(LINES);
  });

  // With: pip install --target node_modules/.cache/python/pycolonies pycolonies
  it.skipIf(!pycolonies.isThere)("has a client in Python that does so, too", async () => {
    const house = await House.open();
    const program = await house.run("python", { environment: { PYTHONPATH: pycolonies.folder } });
    await program.printed("submitted");
    await house.run("executor");
    const { code, output } = await program.end();
    expect(output.trimEnd().split("\n").slice(1)).toEqual(["1 line 1", "2 line 2", "3 line 3"]);
    expect(code).toBe(0);
  });

  it("has a phoenix.js page that follows a process, and is heard in its channel", async () => {
    const house = await House.open();
    const program = await house.run("phoenix");
    const executorKey = generatePrivateKey();
    const executor = house.clientOf(executorKey);
    const findProcess = async () => {
      const [waiting] = await executor.getProcesses(COLONY, 1, ProcessState.WAITING);
      return waiting;
    };
    const { processid } = await until("the process", findProcess, 10_000);
    const watcher = connectPhoenix(`ws://127.0.0.1:${house.port}/socket`);
    const heard: unknown[] = [];
    const output = watcher.channel(`process:${processid}:output`, { since: 0 });
    output.on("message", (message: unknown) => void heard.push(message));
    expect(await joinPhoenix(output)).toMatchObject({ status: "ok" });
    await until("the page's greeting", () => heard.length > 0);

    await executor.assign(COLONY, 10, executorKey);
    await program.printed("phoenix.js sees the state 1");
    await executor.channelAppend(processid, "output", 1, 0, "line 1");
    await program.printed("phoenix.js got line 1");
    expect(await executor.channelRead(processid, "output", 0, 10)).toMatchObject([
      { payload: "hello from the page", senderid: expect.any(String) },
      { payload: "line 1", senderid: deriveId(executorKey) },
    ]);
    await executor.closeProcess(processid, []);
    await program.printed("phoenix.js sees the state 2");
    expect(program.output).not.toContain("refused");
  });

  it("has a token that opens the rooms of processes where a secret is set", async () => {
    const signed = await (await runPrinted(blocks.token)).end();
    const house = await House.openWithMembers(/--jwt-secret \S+/.exec(blocks.token.text)?.[0]);
    const worker = house.clientOf(vectors.identities.executor.privateKey);
    const { processid } = await worker.submitFunctionSpec(spec);
    const socket = connectPhoenix(`ws://127.0.0.1:${house.port}/socket`);
    const room = `process:${processid}:output`;
    const join = (params: object) => joinPhoenix(socket.channel(room, params));
    expect(await join({})).toMatchObject({ response: { code: "token_missing" } });
    expect(await join({ token: signed.output.trim() })).toMatchObject({ status: "ok" });
  });

  it("has members: listed ones, and those whom the owners add, and nobody else", async () => {
    const house = await House.openWithMembers();
    const { server, colony, executor } = vectors.identities;
    const user = generatePrivateKey();
    const stranger = house.clientOf(generatePrivateKey());
    await expect(stranger.submitFunctionSpec(spec)).rejects.toThrow("not a member");

    const owner = house.clientOf(colony.privateKey);
    const ann = { colonyname: COLONY, userid: deriveId(user), name: "ann", email: "", phone: "" };
    await owner.addUser(ann);
    const { processid } = await house.clientOf(user).submitFunctionSpec(spec);
    const worker = house.clientOf(executor.privateKey);
    expect(await worker.assign(COLONY, 10, executor.privateKey)).toMatchObject({ processid });

    const name = "another-colony";
    const ownerKey = generatePrivateKey();
    const added = { colonyid: deriveId(ownerKey), name };
    await expect(owner.addColony(added)).rejects.toThrow("not server owner");
    await house.clientOf(server.privateKey).addColony(added);
    const key = generatePrivateKey();
    await house.clientOf(ownerKey).addExecutor({
      executorid: deriveId(key),
      executortype: "counter",
      executorname: "counting",
      colonyname: name,
    });
    await house.clientOf(ownerKey).approveExecutor(name, "counting");
    const conditions = { colonyname: name, executortype: "counter" };
    const submitted = await house.clientOf(key).submitFunctionSpec({ ...spec, conditions });
    expect(submitted.state).toBe(ProcessState.WAITING);
  });

  it("leaves no block and no link untried", () => {
    expect(page.unused).toEqual([]);
    expect(page.brokenLinks()).toEqual([]);
  });
});

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ColoniesClient } from "../../examples/colonies-stream/colonies-client/index.ts";
import { openPage, startBrowser } from "../support/browser.ts";
import {
  type CompiledExample,
  compileExample,
  type RunningExample,
  startExample,
} from "../support/example.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { StreamPage } from "./colonies-stream.ts";

const run = promisify(execFile);
const WATCH = "Watch this machine";
const LIST = "List the server's source files";
const MISSING = "Look into a folder that is missing";
const MEMORY = /^\d+ of \d+ MiB of memory free$/;

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("colonies-stream");
});
afterAll(() => example.remove());

/** Starts the example, and opens its page. */
async function start(environment: Readonly<Record<string, string>> = {}) {
  const browser = await startBrowser();
  const running = startExample(example, [], { REDIS_URL: "", ...environment });
  const url = await running.printed("Page");
  const opened = await openPage(browser, url);
  const stream = new StreamPage(opened.page);
  await stream.isLive();
  return { running, browser, url, stream, errors: opened.errors };
}

/** Submits a process as the page does; answers its id. */
async function submit(url: string, asked: object): Promise<string> {
  const answer = await post(url, JSON.stringify(asked));
  expect(answer.status).toBe(201);
  return String(Object(await answer.json()).id);
}

function post(url: string, body: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}api/runs`, { method: "POST", headers, body });
}

/** Ends the example as Ctrl+C does, and looks at how it went. */
async function stopsWell(running: RunningExample): Promise<void> {
  const { code, output } = await running.stop();
  expect(code).toBe(0);
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain("executor:");
}

describe("a visitor of the page", () => {
  it("runs a command, asks, and sees all of it again after a reload in its midst", async () => {
    const { running, stream, errors } = await start();
    await stream.run(WATCH);
    await stream.isIn("RUNNING");
    await stream.hasLines(2);
    await stream.ask("How much memory is free?");
    expect(await stream.answerTo("How much memory is free?")).toMatch(MEMORY);
    const before = await stream.output();
    await stream.page.reload();
    await stream.hasLines(before.length + 2);
    expect((await stream.output()).slice(0, before.length)).toEqual(before);
    expect(await stream.answerTo("How much memory is free?")).toMatch(MEMORY);
    await stream.ask("What is the meaning of life?");
    expect(await stream.answerTo("meaning of life")).toBe(
      "I only know uptime, load, memory, disk.",
    );
    expect(await stream.answerTo("How much memory is free?")).toMatch(MEMORY);
    await stream.isIn("SUCCESS");
    const output = await stream.output();
    expect(output.map(([number]) => number)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    for (const [, text] of output) expect(text).toMatch(/^\d\d:\d\d:\d\d {2}load .* memory free$/);
    // The stream is kept for some time after the end of the process, too.
    await stream.page.reload();
    await stream.hasLines(20);
    await stream.isIn("SUCCESS");
    expect(await stream.output()).toEqual(output);
    expect(errors).toEqual([]);
    await stopsWell(running);
  }, 60_000);

  it("follows a process whose address it has, over Redis", async () => {
    const { url: redisUrl } = await startRedis();
    const { running, url, stream, errors } = await start({ REDIS_URL: redisUrl });
    const id = await submit(url, { command: "watch-machine", seconds: 4 });
    await stream.page.goto(`${url}#${id}`);
    await stream.page.reload();
    await stream.hasLines(1);
    await stream.ask("uptime, please");
    expect(await stream.answerTo("uptime, please")).toMatch(/^up \d+ days/);
    await stream.isIn("SUCCESS");
    expect((await stream.output()).map(([number]) => number)).toEqual([1, 2, 3, 4]);
    expect(errors).toEqual([]);
    await stopsWell(running);
  }, 30_000);

  it("sees a fast command's lines, all and in order, and why another one failed", async () => {
    const { running, stream } = await start();
    await stream.run(LIST);
    await stream.isIn("SUCCESS");
    const { stdout } = await run("find", ["server", "-name", "*.ts", "-type", "f"]);
    const files = stdout.trimEnd().split("\n");
    const output = await stream.output();
    expect(output.map(([number]) => number)).toEqual(files.map((_file, index) => index + 1));
    expect(output.map(([, text]) => text).sort()).toEqual(files.sort());
    await stream.run(MISSING);
    await stream.isIn("FAILED");
    const lines = (await stream.output()).map(([, text]) => text);
    expect(lines.join("\n")).toContain("No such file");
    expect(lines.at(-1)).toMatch(/^exit code [12]$/);
    await stopsWell(running);
  }, 60_000);

  it("sees a second process wait until the executor is free, and so does another page", async () => {
    const { running, browser, url, stream } = await start();
    await submit(url, { command: "watch-machine", seconds: 8 });
    await stream.page.reload();
    await stream.run(LIST);
    await stream.isIn("WAITING");
    const { page } = await openPage(browser, url);
    const other = new StreamPage(page);
    for (const states of ["WAITING,RUNNING", "SUCCESS,SUCCESS"]) {
      for (const each of [stream, other]) {
        await until(states, async () => `${await each.states()}` === states, 40_000);
      }
    }
    await stream.isIn("SUCCESS");
    await stopsWell(running);
  }, 60_000);
});

describe("the example's server", () => {
  it("submits only the commands that there are", async () => {
    const { url } = await start();
    for (const body of ["{}", '{"command":"rm"}', '{"command":"disks","seconds":0}', "no JSON"]) {
      const answer = await post(url, body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        reason: "expected a command's name, and seconds from 1 to 120",
      });
    }
    const unknown = await fetch(`${url}api/runs/${"0".repeat(64)}`);
    expect(unknown.status).toBe(502);
    expect(JSON.stringify(await unknown.json())).toContain("process not found");
  });

  it("lets any client with the user's key submit to the executor, which refuses the unknown", async () => {
    const { running, stream } = await start();
    const { hostname, port } = new URL(await running.printed("Server"));
    const client = new ColoniesClient({ host: hostname, port: Number(port) });
    client.setPrivateKey(await running.printed("User's key"));
    const conditions = { colonyname: "my-colony", executortype: "stream-executor" };
    const errors = async (funcname: string, kwargs: object) => {
      const { processid } = await client.submitFunctionSpec({ funcname, kwargs, conditions });
      return until("the end of the process", async () => {
        const { state, errors } = await client.getProcess(processid);
        return state === 3 && errors;
      });
    };
    const refusal = (name: string) => [`${name} is no command of this executor`];
    expect(await errors("rm", {})).toEqual(refusal("rm"));
    expect(await errors("watch-machine", { seconds: "1; rm" })).toEqual(refusal("watch-machine"));
    await stream.page.reload();
    await until("them in the list", async () => `${await stream.states()}` === "FAILED,FAILED");
  });

  it("stops the command under way when it is stopped, and tells the page", async () => {
    const { running, stream } = await start();
    await stream.run(WATCH);
    await stream.hasLines(1);
    await stopsWell(running);
    await stream.isIn("FAILED");
    expect((await stream.output()).at(-1)?.[1]).toBe("the executor was stopped");
  });
});

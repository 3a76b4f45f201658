import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage } from "../support/browser.ts";
import { type CompiledExample, compileExample } from "../support/example.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { StreamPage } from "./colonies-stream.ts";
import { LIST, MISSING, startStream, stopsWell, submit } from "./colonies-stream-scene.ts";

const run = promisify(execFile);

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("colonies-stream");
});
afterAll(() => example.remove());

describe("a visitor of the page", () => {
  it("follows a process whose address it has, over Redis", async () => {
    const { url: redisUrl } = await startRedis();
    const { running, url, stream, errors } = await startStream(example, { REDIS_URL: redisUrl });
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
    const { running, stream } = await startStream(example);
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
    const { running, browser, url, stream } = await startStream(example);
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

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage } from "../support/browser.ts";
import { type CompiledExample, compileExample } from "../support/example.ts";
import { until } from "../support/until.ts";
import { StreamPage } from "./colonies-stream.ts";
import { LIST, MISSING, startStream, stopsWell, submit, WATCH } from "./colonies-stream-scene.ts";

const run = promisify(execFile);
const MEMORY = /^\d+ of \d+ MiB of memory free$/;

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("colonies-stream");
});
afterAll(() => example.remove());

describe("a visitor of the page", () => {
  it("runs a command, asks, and sees all of it again after a reload in its midst", async () => {
    const { running, stream, errors } = await startStream(example);
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

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { JobsPage } from "./tower.ts";

const run = promisify(execFile);

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("tower");
});
afterAll(() => example.remove());

describe("a visitor of either page", () => {
  it("may look at another job than the newest", async () => {
    const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
    const tower = startExample(example, [], { REDIS_URL: redis.url });
    const { page } = await openPage(browser, await tower.printed("As AWX's page"));
    const jobs = new JobsPage(page);
    await jobs.sees(2, "running");
    await until("a line of the second job", async () => (await jobs.output()).length > 0);
    await jobs.job(1).click();
    await page.getByRole("heading", { name: "Output of job 1: successful" }).waitFor();
    expect(await jobs.output()).toEqual([]);
    await jobs.job(2).click();
    await until("later lines of the second job", async () => {
      const [first] = await jobs.output();
      return first !== undefined && first[0] > 1;
    });
  }, 120_000);
});

/** A page of some hundred lines takes its time on a busy machine. */
const LINES_TIMEOUT_MS = 30_000;

describe.each(["python", "typescript"])("the jobs of the %s runner", (runner) => {
  it("are followed alike by AWX's page and by phoenix.js, line by line", async () => {
    const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
    const tower = startExample(example, ["--runner", runner], { REDIS_URL: redis.url });
    const awxUrl = await tower.printed("As AWX's page");
    const opened = [
      await openPage(browser, awxUrl),
      await openPage(browser, await tower.printed("By phoenix.js")),
    ];
    const pages = opened.map(({ page }) => new JobsPage(page));
    for (const page of pages) await page.is("live");

    // The second job is followed from its start, and to its end.
    for (const page of pages) await page.sees(2, "successful");
    const { stdout } = await run("du", ["-a", "-k", "examples"]);
    const printed = stdout.trimEnd().split("\n").length;
    for (const page of pages) {
      const lines = await until(
        "all lines of the job",
        async () => {
          const output = await page.output();
          return output.length >= printed && output;
        },
        LINES_TIMEOUT_MS,
      );
      expect(lines.map(([number]) => number)).toEqual(lines.map((_line, index) => index + 1));
      expect(lines.map(([, text]) => text).join("\n")).toContain("\texamples/tower/runner.py");
      expect(await page.job(2).textContent()).toContain(`${lines.length} lines`);
    }
    // The third looks into a folder that is missing.
    for (const page of pages) {
      await page.sees(3, "failed");
      await until("the complaint", async () =>
        JSON.stringify(await page.output()).includes("No such file"),
      );
    }
    expect(opened.flatMap(({ errors }) => errors)).toEqual([]);
    const { code, output } = await tower.stop();
    expect(code).toBe(0);
    expect(output).not.toContain("Traceback");
    expect(output).not.toMatch(/^\s+at /m);
  }, 120_000);
});

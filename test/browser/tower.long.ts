import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { JobsPage } from "./tower.ts";

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
  }, 60_000);
});

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";
import { isLong } from "../support/long.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { Plot } from "./host-monitor.ts";

/** Python, a browser and Redis take their time on a busy machine. */
const PATIENCE_MS = 15_000;
const TIMEOUT_MS = 60_000;

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("host-monitor");
});
afterAll(() => example.remove());

describe.each(isLong ? ["python", "typescript"] : ["python"])(
  "the host monitor with its %s backend",
  { timeout: TIMEOUT_MS },
  (backend) => {
    it("plots this machine's true figures twice, through phoenix.js and Socket.IO", async () => {
      const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
      const monitor = startExample(example, ["--backend", backend], { REDIS_URL: redis.url });
      const { page, errors } = await openPage(browser, await monitor.printed("Host monitor"));

      for (const plot of [new Plot(page, "phoenix.js"), new Plot(page, "Socket.IO")]) {
        await until("a first sample", async () => (await plot.samples()) > 0, PATIENCE_MS);
        const [firstTimeMs, firstPicture] = [await plot.lastTimeMs(), await plot.picture()];
        const enough = (await plot.samples()) + 8;
        await until("8 more samples", async () => (await plot.samples()) >= enough, PATIENCE_MS);
        expect(await plot.lastTimeMs()).toBeGreaterThan(firstTimeMs);
        // What is shown is a little old, and older where the machine is busy.
        const isOfNow = async () => Math.abs(Date.now() - (await plot.lastTimeMs())) < 2000;
        await until("a sample of now", isOfNow, PATIENCE_MS);
        expect(await plot.picture()).not.toBe(firstPicture);

        expect(percentage(await plot.figure("cpu_load"))).toBeGreaterThanOrEqual(0);
        expect(percentage(await plot.figure("cpu_load"))).toBeLessThanOrEqual(100);
        const ramError = async () =>
          percentage(await plot.figure("ram_usage")) - (await ramUsage());
        await until("its memory", async () => Math.abs(await ramError()) < 4, PATIENCE_MS);
        const uptimeError = async () =>
          durationSecs(await plot.figure("uptime")) - (await uptimeSecs());
        await until("its uptime", async () => Math.abs(await uptimeError()) <= 2, PATIENCE_MS);
      }
      expect(errors).toEqual([]);
    });

    it("goes on after a restart of Redis, and ends without a complaint", async () => {
      const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
      const monitor = startExample(example, ["--backend", backend], { REDIS_URL: redis.url });
      const { page } = await openPage(browser, await monitor.printed("Host monitor"));
      const plots = [new Plot(page, "phoenix.js"), new Plot(page, "Socket.IO")];
      for (const plot of plots) {
        await until("a first sample", async () => (await plot.samples()) > 0, PATIENCE_MS);
      }

      await redis.stop();
      const isLost = () => monitor.output.includes("backend: Redis is not reach");
      await until("word of the loss", isLost, PATIENCE_MS);
      const seen = await Promise.all(plots.map((plot) => plot.samples()));
      await redis.start();
      for (const [index, plot] of plots.entries()) {
        const enough = (seen[index] ?? 0) + 4;
        await until("more samples", async () => (await plot.samples()) >= enough, PATIENCE_MS);
      }

      const { code, output } = await monitor.stop();
      expect(code).toBe(0);
      expect(output).not.toContain("Traceback");
      expect(output).not.toMatch(/^\s+at /m);
    });
  },
);

describe("the host monitor's command", () => {
  it.each([
    [["--backend", "cobol"], '--backend is python or typescript, not "cobol"'],
    [["--port", "99999"], '--port is a number from 0 to 65535, not "99999"'],
  ])("refuses %j in one line", async (args, line) => {
    const ended = await startExample(example, args, {}).end();
    expect(ended).toEqual({ code: 1, output: `${line}\n` });
  });

  it("says in one line that the Redis of REDIS_URL does not answer", async () => {
    const redis = await startRedis();
    await redis.stop();
    const args = ["--backend", "typescript"];
    const ended = await startExample(example, args, { REDIS_URL: redis.url }).end();
    expect(ended.code).toBe(1);
    expect(ended.output).toMatch(/^the Redis of REDIS_URL: .*ECONNREFUSED.*\n$/);
  });
});

function percentage(text: string): number {
  return Number(/^(\d+\.\d\d)%$/.exec(text)?.[1]);
}

/** The seconds of `0:00:05` or `2 days, 3:04:05`. */
function durationSecs(text: string): number {
  const [, days = "0", hours, minutes, seconds] =
    /^(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)$/.exec(text) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

async function ramUsage(): Promise<number> {
  const text = await readFile("/proc/meminfo", "utf8");
  const [total, available] = ["MemTotal", "MemAvailable"].map((name) =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1]),
  );
  if (total === undefined || available === undefined) throw new Error("no /proc/meminfo");
  return 100 * (1 - available / total);
}

async function uptimeSecs(): Promise<number> {
  return Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]);
}

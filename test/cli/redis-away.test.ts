import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectBackend, freePort, startRedis } from "../support/redis-server.ts";
import { until, within } from "../support/until.ts";

const cli = resolve("dist/server/cli.js");
const SECRET = "hunter2-hunter2-hunter2";

/** The built command, which serves until the test ends. */
function serve(flags: readonly string[]) {
  const child = spawn(process.execPath, [cli, "serve", "--port", "0", ...flags], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  const closed = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  return {
    output,
    /** Where it says that it serves. */
    url: () =>
      until(
        "the start-up lines",
        () => {
          if (child.exitCode !== null) throw new Error(`it ended: ${output.stderr}`);
          return /Tokens/.test(output.stdout) && /Live page +(\S+)/.exec(output.stdout)?.[1];
        },
        15_000,
      ),
    stop: () => {
      child.kill("SIGTERM");
      return within("the end of the server", closed, 12_000);
    },
  };
}

describe("a Redis that cannot be used at the start", { timeout: 40_000 }, () => {
  const away: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
    [
      "that nobody answers for",
      async () => `redis://127.0.0.1:${await freePort()}`,
      /^connect ECONNREFUSED 127\.0\.0\.1:\d+$/,
    ],
    [
      "whose host is not known",
      () => Promise.resolve(`redis://ann:${SECRET}@redis.invalid:6379`),
      /^getaddrinfo \w+ redis\.invalid$/,
    ],
    [
      "whose password is another",
      async () => {
        const { url, port } = await startRedis();
        const administrator = await connectBackend(url);
        await administrator.configSet("requirepass", "the-right-one");
        return `redis://:${SECRET}@127.0.0.1:${port}`;
      },
      /^WRONGPASS /,
    ],
    [
      "whose Sentinels are away",
      async () => `redis+sentinel://127.0.0.1:${await freePort()}/mymaster`,
      /^no Sentinel knows a master mymaster$/,
    ],
  ];

  it.each(away)("%s is told in one line, and local rooms are served", async (_, urlOf, reason) => {
    const redisUrl = await urlOf();
    const server = serve(["--redis", redisUrl]);
    const url = await server.url();
    const ready = await fetch(new URL("/ready", url));
    expect({ status: ready.status, body: await ready.json() }).toEqual({
      status: 503,
      body: { status: "degraded", redis: "down" },
    });
    expect(await server.stop()).toEqual([0, null]);

    const { stdout, stderr } = server.output;
    const shown = redisUrl.replace(SECRET, "***");
    expect(stdout).toContain(`on ${shown} (not reachable yet)\n`);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(stderr)).toMatchObject({
      level: 40,
      msg: "Redis is not reachable; local rooms go on",
      reason: expect.stringMatching(reason),
    });
    expect(stdout + stderr).not.toContain(SECRET);
  });

  it("is tried again until it is there", async () => {
    const redis = await startRedis();
    await redis.stop();
    const server = serve(["--redis", redis.url]);
    const url = await server.url();
    expect((await fetch(new URL("/ready", url))).status).toBe(503);
    await redis.start();
    await until("Redis to be found", async () => (await fetch(new URL("/ready", url))).ok, 15_000);
    await until("it to say so", () => server.output.stderr.includes('"Redis is reachable"'));
    expect(await server.stop()).toEqual([0, null]);
  });
});

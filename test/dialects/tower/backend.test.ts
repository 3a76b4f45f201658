import { execFile, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Surroundings } from "../../../server/index.ts";
import { outputOf } from "../../support/process-output.ts";
import { connectBackend, startRedis } from "../../support/redis-server.ts";
import { startServer } from "../../support/server.ts";
import { openTower } from "../../support/tower-client.ts";
import { until } from "../../support/until.ts";

const run = promisify(execFile);

/** The Python that has the redis package. */
async function findPython(): Promise<string> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    const found = await run(python, ["-c", "import redis"]).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  throw new Error("python3 with the redis package is missing: apt-get install python3-redis");
}

/** Runs a backend that imports the publisher, and gives what it printed. */
async function runBackend(redisUrl: string, lines: readonly string[]): Promise<string> {
  const head = "from commonroom_tower import emit_channel_notification as emit";
  const { stdout } = await run(await findPython(), ["-c", [head, ...lines].join("\n")], {
    env: {
      ...process.env,
      REDIS_URL: redisUrl,
      PYTHONPATH: resolve("examples/tower"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  return stdout;
}

/** What AWX's own function made of the same payload. */
const AWX_TEXT =
  '{"unified_job_id": 5, "status": "running", "when": "2024-01-02T03:04:05.678Z", "d": "1.50", "u": "00000000-0000-0000-0000-000000000001", "td": "P0DT01H00M00S", "t": "h\\u00e9 \\u2603 <b>", "n": null, "date": "2024-01-02", "group_name": "jobs"}';
const AWX_PAYLOAD = `{
  "unified_job_id": 5, "status": "running",
  "when": datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc),
  "d": Decimal("1.50"), "u": UUID(int=1), "td": timedelta(hours=1),
  "t": "h\\u00e9 \\u2603 <b>", "n": None, "date": date(2024, 1, 2), "group_name": "jobs"}`;
const IMPORTS = [
  "from datetime import date, datetime, time, timedelta, timezone",
  "from decimal import Decimal",
  "from uuid import UUID",
];

describe("a backend that calls emit_channel_notification", () => {
  it("reaches the Tower clients of every node with AWX's text, byte for byte", async () => {
    const redis = await startRedis();
    const nodes = [
      await startServer({ redisUrl: redis.url }),
      await startServer({ redisUrl: redis.url }),
    ];
    const clients = [];
    for (const { wsUrl } of nodes) {
      const client = await openTower(`${wsUrl}/websocket/`);
      await client.groups({ jobs: ["status_changed"] });
      clients.push(client);
    }
    await runBackend(redis.url, [
      ...IMPORTS,
      `emit("jobs-status_changed", ${AWX_PAYLOAD})`,
      'emit("jobs-status_changed", {"large": 2**53 + 1, "whole": 1.0, "small": 1e-7})',
      'emit("jobs-summary", {"nobody": "hears"})',
      'emit("jobs-status_changed", [1, 2])',
    ]);
    for (const client of clients) {
      expect(await client.next()).toBe(AWX_TEXT);
      expect(await client.next()).toBe('{"large": 9007199254740993, "whole": 1.0, "small": 1e-07}');
      expect(await client.next()).toBe("[1, 2]");
      expect(client.frames).toEqual([]);
    }
  });

  it("has times and durations written as in AWX", async () => {
    const redis = await startRedis();
    const heard: string[] = [];
    const listener = await connectBackend(redis.url);
    await listener.subscribe("to:jobs-a:message", (text) => heard.push(text));
    const values = [
      "datetime(2024, 1, 2, 3, 4, 5)",
      "datetime(2024, 1, 2, 3, 4, 5, 6, timezone(timedelta(hours=2)))",
      "time(3, 4, 5, 678901)",
      "time(3, 4)",
      "timedelta(days=-1, seconds=1)",
      "timedelta(days=2, hours=3, minutes=4, seconds=5, microseconds=6)",
    ];
    await runBackend(redis.url, [...IMPORTS, `emit("jobs-a", [${values.join()}])`]);
    await until("the message", () => heard.length > 0);
    expect(JSON.parse(heard[0] ?? "")).toEqual([
      "2024-01-02T03:04:05",
      "2024-01-02T03:04:05.000+02:00",
      "03:04:05.678",
      "03:04:00",
      "-P0DT23H59M59S",
      "P2DT03H04M05.000006S",
    ]);
  });

  it.each([
    ["'jobs a', {}", "TypeError"],
    ["'', {}", "TypeError"],
    ["'x' * 100, {}", "TypeError"],
    ["5, {}", "TypeError"],
    ["'jobs-a', 'text'", "TypeError"],
    ["'jobs-a', {'a': object()}", "TypeError"],
    ["'jobs-a', {'a': {1, 2}}", "TypeError"],
    ["'jobs-a', {'a': float('nan')}", "ValueError"],
    ["'jobs-a', [float('inf')]", "ValueError"],
    ["'jobs-a', circular", "None"],
    ["'x' * 99, {}", "None"],
  ])("gets, for %s, %s", async (args, outcome) => {
    const redis = await startRedis();
    const printed = await runBackend(redis.url, [
      "circular = {}; circular['a'] = circular",
      "try:",
      `    print(emit(${args}))`,
      "except Exception as error:",
      "    print(type(error).__name__)",
    ]);
    expect(printed.trim()).toBe(outcome);
  });

  it("is told by an exception that Redis is away", async () => {
    const redis = await startRedis();
    await redis.stop();
    const backend = runBackend(redis.url, ['emit("jobs-a", {})']);
    await expect(backend).rejects.toThrow("ConnectionError");
  });
});

describe("a Python client in the style of AWX's test kit", () => {
  it("follows the jobs, then the pending one's events, and unsubscribes", async () => {
    const redis = await startRedis();
    const surroundings: Surroundings = {
      resolveUser: ({ cookies }) =>
        cookies.get("awx_sessionid") === "s1" ? { id: 1, byCookie: true } : undefined,
      canSee: () => true,
    };
    const { port, commonroom } = await startServer({ redisUrl: redis.url }, surroundings);
    const program = join("test", "dialects", "tower", "awx_client.py");
    const child = spawn(await findPython(), [program, String(port)]);
    onTestFinished(() => void child.kill());
    const output = outputOf(child);
    const isIn = (room: string): boolean => commonroom.io.of("/").adapter.rooms.has(room);
    await until("its first subscription", () => isIn("jobs-status_changed"));
    await runBackend(redis.url, [
      'emit("jobs-status_changed", {"unified_job_id": 42, "status": "pending", "group_name": "jobs"})',
    ]);
    await until("its second subscription", () => isIn("job_events-42"));
    await runBackend(redis.url, [
      'emit("job_events-42", {"job": 42, "stdout": "h\\u00e9", "group_name": "job_events"})',
    ]);
    await until("its end", () => child.exitCode !== null);
    expect(output().trimEnd().split("\n")).toEqual([
      '{"accept": true, "user": 1}',
      '{"groups_current": ["jobs-status_changed"], "groups_left": [], "groups_joined": ["jobs-status_changed"]}',
      '{"unified_job_id": 42, "status": "pending", "group_name": "jobs"}',
      '{"groups_current": ["jobs-status_changed", "job_events-42"], "groups_left": [], "groups_joined": ["job_events-42"]}',
      '{"job": 42, "stdout": "h\\u00e9", "group_name": "job_events"}',
      '{"groups_current": [], "groups_left": ["jobs-status_changed", "job_events-42"], "groups_joined": []}',
    ]);
    expect(child.exitCode).toBe(0);
  });
});

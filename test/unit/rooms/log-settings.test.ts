import { describe, expect, it } from "vitest";
import { optionsSchema } from "../../../server/options.ts";
import { readLogSettings } from "../../../server/rooms/log/log-settings.ts";
import { loadSettings } from "../../../server/settings.ts";

function load(text: string) {
  return loadSettings({
    flags: new Map([["config", "a.toml"]]),
    environment: {},
    readFile: () => text,
  });
}

function logOf(text: string): unknown {
  const settings = load(`[[rooms]]\nmatch = "log:*"\nlog = ${text}\n`);
  if (!settings.ok) return settings.problems;
  // What has been read is read again where a server is made of it.
  const log = optionsSchema.parse(settings.options).rooms[0]?.log;
  return log && readLogSettings(log);
}

describe("The settings of a log", () => {
  it.each([
    ['{ size = 5, ttl = "15m" }', { size: 5, ttlMs: 900_000, whenFull: "trim" }],
    ["{ ttl = 30 }", { size: 1000, ttlMs: 30_000, whenFull: "trim" }],
    ["{}", { size: 1000, ttlMs: 3_600_000, whenFull: "trim" }],
  ])("are read: %s", (text, expected) => {
    expect(logOf(text)).toEqual(expected);
  });

  it.each([
    ['{ ttl = "soon" }', 'log ttl = "soon": expected a time such as 30s, 15m, 1h or 7d'],
    ["{ ttl = 0 }", "log ttl = 0: expected"],
    ["{ size = 0 }", "log size = 0: expected a whole number from 1 to 1000000"],
    ["{ length = 1 }", "log"],
    ["true", "log = true"],
  ])("are named where they are wrong: %s", (text, problem) => {
    expect(logOf(text)).toEqual([expect.stringContaining(problem)]);
  });
});

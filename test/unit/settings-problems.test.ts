import { describe, expect, it } from "vitest";
import { withoutPassword } from "../../server/settings/display.ts";
import { problemsOf, type Sources } from "./settings-sources.ts";

const port = "expected a whole number from 0 to 65535";

describe("a wrong value", () => {
  it("is named as its source writes it", () => {
    const file = '[channel]\nport = "abc"';
    expect(problemsOf({ file })).toEqual([`tangram.toml: [channel] port = "abc": ${port}`]);
    expect(problemsOf({ environment: { PORT: "70000" } })).toEqual([
      `environment: PORT = 70000: ${port}`,
    ]);
    expect(problemsOf({ flags: { port: "1e3" } })).toEqual([`--port = "1e3": ${port}`]);
  });

  it.each([
    [
      "[log]\nlevel = 'INFO'",
      '[log] level = "INFO": expected "silent", "fatal", "error", "warn", "info", "debug" or "trace"',
    ],
    [
      "[limits]\nmax_frame_bytes = 0",
      "[limits] max_frame_bytes = 0: expected a whole number of at least 1",
    ],
    [
      "[limits]\nidle_timeout_ms = 1.5",
      "[limits] idle_timeout_ms = 1.5: expected a whole number from 0 to 1000000000",
    ],
    [
      "[limits]\nshutdown_timeout_ms = 3000000000",
      "[limits] shutdown_timeout_ms = 3000000000: expected a whole number from 0 to 1000000000",
    ],
    [
      "[limits]\nlong_poll_window_ms = 3000000000",
      "[limits] long_poll_window_ms = 3000000000: expected a whole number from 1 to 1000000000",
    ],
    ["[channel]\nhost = ''", '[channel] host = "": expected text of at least 1 character'],
    ["[channel]\nport = 1979-05-27", `[channel] port = 1979-05-27: ${port}`],
    ["[auth]\nanonymous = 'a'", '[auth] anonymous = "a": expected a list'],
    [
      "[auth]\nanonymous = ['a', 'a*b']",
      '[auth] anonymous #2 = "a*b": may contain * only as its last character',
    ],
    [
      "[[rooms]]\necho = true",
      "[[rooms]] #1 match: missing; expected text of at least 1 character",
    ],
    [
      "[[rooms]]\nmatch = 'a'\n[[rooms]]\nmatch = 'b'\ndeliver = 'bot'",
      '[[rooms]] #2 deliver = "bot": expected "members", "backends" or "both"',
    ],
    [
      "[colonies]\nserver_id = '0X12'",
      '[colonies] server_id = "0X12": must be an identity: 64 characters 0-9 and a-f, in lower case',
    ],
    [
      "[[colonies.users]]\ncolony = 'c'\nname = 'ann'",
      "[colonies] users #1 id: missing; expected tables [[colonies.users]] with colony, name and id",
    ],
    [
      "[core]\nredis_url = 'localhost:6379'",
      '[core] redis_url = "localhost:6379": expected an address such as redis://127.0.0.1:6379',
    ],
  ])("is named with what is allowed: %j", (file, problem) => {
    expect(problemsOf({ file })).toEqual([`tangram.toml: ${problem}`]);
  });

  it("does not hide the others: every problem has its own line", () => {
    const file = "[limit]\na = 1\n[channel]\nprot = 1\nport = -1";
    const environment = { LOG_LEVEL: "loud" };
    expect(problemsOf({ file, environment })).toHaveLength(4);
  });

  it("stays on one line, whatever is in it", () => {
    const lines = problemsOf({ environment: { PORT: "a\nb\u009b\u2028" }, flags: { host: "" } });
    expect(lines.join("")).not.toMatch(/[\n\u009b\u2028]/);
    expect(lines).toContain(`environment: PORT = "a\\nb\\u009b\\u2028": ${port}`);
  });
});

describe("secrets", () => {
  const wrong: readonly [string, Sources][] = [
    ["jwt_secret in the file", { file: "[channel]\njwt_secret = ['s3cret']" }],
    ["API_KEYS", { environment: { API_KEYS: "s3cret,s3cret-too" } }],
    ["jwt_public_key", { file: "[auth]\njwt_public_key = { s3cret = 's3cret' }" }],
    ["a Redis password", { flags: { redis: "http://user:s3cret@redis" } }],
    ["a Redis password without a scheme", { flags: { redis: "user:s3cret@redis:6379" } }],
    ["a Redis password with a slash", { flags: { redis: "http://user:1/s3cret@redis" } }],
    ["a Redis password in a query", { flags: { redis: "http://redis?password=s3cret" } }],
  ];
  it.each(wrong)("%s is never printed", (_, sources) => {
    const problems = problemsOf(sources);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join("\n")).not.toContain("s3cret");
  });

  it("a hidden value says so", () => {
    expect(problemsOf({ environment: { API_KEYS: "short" } })).toEqual([
      "environment: API_KEYS #1 = (hidden): expected text of at least 16 characters",
    ]);
  });

  it("a URL without a password is shown as it was written", () => {
    expect(withoutPassword("redis://127.0.0.1:6379")).toBe("redis://127.0.0.1:6379");
    expect(withoutPassword("redis://ann:s3cret@redis:6379/1")).toBe("redis://ann:***@redis:6379/1");
  });
});

import { describe, expect, it } from "vitest";
import { isLoopback } from "../../server/loopback.ts";
import { optionsSchema } from "../../server/options.ts";
import { withoutPassword } from "../../server/settings/display.ts";
import { nearMiss } from "../../server/settings/near-miss.ts";
import { settings } from "../../server/settings/setting.ts";
import { loadSettings } from "../../server/settings.ts";

interface Sources {
  readonly flags?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly purpose?: "listen" | "sign";
}

function load({ flags = {}, environment = {}, file, purpose = "listen" }: Sources) {
  const config = file === undefined ? {} : { config: "tangram.toml" };
  return loadSettings({
    flags: new Map(Object.entries({ ...config, ...flags })),
    environment,
    purpose,
    readFile: (path) => {
      if (path === "tangram.toml" && file !== undefined) return file;
      throw Object.assign(new Error(`open ${path}`), { code: "ENOENT" });
    },
  });
}

function optionsOf(sources: Sources) {
  const result = load(sources);
  if (!result.ok) throw new Error(result.problems.join("\n"));
  return result.options;
}

function problemsOf(sources: Sources): readonly string[] {
  const result = load(sources);
  return result.ok ? [] : result.problems;
}

const port = "expected a whole number from 0 to 65535";

describe("sources", () => {
  it("nothing set gives the defaults", () => {
    expect(optionsOf({})).toEqual(optionsSchema.parse({}));
  });

  it("a flag wins over the environment, and the environment over the file", () => {
    const file = '[channel]\nhost = "127.0.0.2"\nport = 1\n[log]\nlevel = "warn"';
    const environment = { PORT: "2", LOG_LEVEL: "error" };
    const options = optionsOf({ file, environment, flags: { port: "3" } });
    expect(options).toMatchObject({ host: "127.0.0.2", port: 3, logLevel: "error" });
  });

  it("every environment variable reaches its option", () => {
    const environment = {
      HOST: "::1",
      PORT: "0",
      REDIS_URL: "rediss://redis.example:6380/1",
      JWT_SECRET: "s",
      JWT_PUBLIC_KEY: "pem",
      JWT_EXPIRATION_SECS: "60",
      PUBLIC_URL: "https://rooms.example.org",
      TOKEN_ENDPOINT: "off",
      API_KEYS: "a-key-of-16-chars, another-key-of-16-chars,",
      LOG_LEVEL: "debug",
    };
    expect(optionsOf({ environment })).toMatchObject({
      host: "::1",
      port: 0,
      redisUrl: "rediss://redis.example:6380/1",
      publicUrl: "https://rooms.example.org",
      logLevel: "debug",
      auth: {
        jwtSecret: "s",
        jwtPublicKey: "pem",
        jwtExpirationSecs: 60,
        tokenEndpoint: "off",
        apiKeys: ["a-key-of-16-chars", "another-key-of-16-chars"],
      },
    });
  });

  it("an empty environment variable counts as unset", () => {
    const environment = { PORT: "", JWT_SECRET: "", COMMONROOM_CONFIG: "" };
    expect(optionsOf({ environment })).toEqual(optionsSchema.parse({}));
  });

  it("COMMONROOM_CONFIG names the file, and --config wins over it", () => {
    const environment = { COMMONROOM_CONFIG: "tangram.toml" };
    const readFile = (path: string) => `[channel]\nport = ${path === "tangram.toml" ? 1 : 2}`;
    const read = (flags: Map<string, string>) => loadSettings({ flags, environment, readFile });
    expect(read(new Map())).toMatchObject({ options: { port: 1 } });
    expect(read(new Map([["config", "other.toml"]]))).toMatchObject({ options: { port: 2 } });
  });

  it("every option but the rooms has a key in the file, and every key an option", () => {
    const { rooms: _, ...options } = optionsSchema.parse({ host: "127.0.0.1" });
    const optional = [
      "publicUrl",
      "redisUrl",
      "node",
      "auth.jwtSecret",
      "auth.jwtPublicKey",
      "tower.relaySecret",
      "colonies.serverId",
      "colonies.port",
    ];
    const named = Object.entries(options).flatMap(([name, value]) =>
      typeof value === "object" ? Object.keys(value).map((key) => `${name}.${key}`) : [name],
    );
    const places = [...named, ...optional];
    expect(new Set(settings.map(({ path }) => path.join(".")))).toEqual(new Set(places));
  });
});

describe("the file", () => {
  it("an existing tangram.toml works unchanged", () => {
    const file = `
      [core]
      redis_url = "redis://127.0.0.1:6379"
      plugins = ["tangram_system"]
      log_level = "INFO"
      theme = { light = "light", dark = "dark" }
      [server]
      host = "0.0.0.0"
      port = 2346
      [channel]
      host = "0.0.0.0"
      port = 2348
      public_url = "http://localhost:2348"
      jwt_secret = "a-better-secret-than-this"
      jwt_expiration_secs = 3600
      id_length = 8
      [map]
      zoom = 4
      [plugins.tangram_system]
      topbar_order = 1
      [[cache.entries]]
      serve_route = "/a"
    `;
    expect(optionsOf({ file })).toMatchObject({
      host: "0.0.0.0",
      port: 2348,
      publicUrl: "http://localhost:2348",
      redisUrl: "redis://127.0.0.1:6379",
      logLevel: "info",
      auth: { jwtSecret: "a-better-secret-than-this", jwtExpirationSecs: 3600 },
    });
  });

  it("rooms, limits and auth are read in snake case", () => {
    const file = `
      [auth]
      anonymous = ["public:*"]
      leeway_secs = 5
      [[rooms]]
      match = "chat:*"
      deliver = "members"
      echo = true
      [[rooms]]
      match = "*"
      presence = false
      [limits]
      max_frame_bytes = 2048
      idle_timeout_ms = 0
    `;
    const options = optionsOf({ file });
    expect(options.auth).toMatchObject({ anonymous: ["public:*"], leewaySecs: 5 });
    expect(options.limits).toMatchObject({ maxFrameBytes: 2048, idleTimeoutMs: 0 });
    expect(options.rooms).toEqual([
      { match: "chat:*", aliases: [], deliver: "members", echo: true, presence: true },
      { match: "*", aliases: [], deliver: "both", echo: false, presence: false },
    ]);
  });

  it("colonies, executors and users are tables below [colonies]", () => {
    const id = "0123456789abcdef".repeat(4);
    const file = `
      [colonies]
      server_id = "${id}"
      port = 50080
      [[colonies.colonies]]
      name = "my-colony"
      id = "${id}"
      [[colonies.executors]]
      colony = "my-colony"
      name = "worker"
      type = "my-executor-type"
      id = "${id}"
      [[colonies.users]]
      colony = "my-colony"
      name = "ann"
      id = "${id}"
    `;
    expect(optionsOf({ file }).colonies).toMatchObject({
      serverId: id,
      port: 50_080,
      colonies: [{ name: "my-colony", id }],
      executors: [{ colony: "my-colony", name: "worker", type: "my-executor-type", id }],
      users: [{ colony: "my-colony", name: "ann", id }],
    });
  });

  it.each([
    [
      "[limits]\nmax_frame_byte = 1",
      "[limits] max_frame_byte: unknown key; did you mean max_frame_bytes?",
    ],
    ["[channel]\nprot = 1", "[channel] prot: unknown key; did you mean port?"],
    ["[auth]\njwt_secret = 's3cret'", "[auth] jwt_secret: unknown key; it belongs in [channel]"],
    ["[log]\nfile = 's3cret'", "[log] file: unknown key; expected one of level"],
    [
      "[[rooms]]\nmatch = 'a'\nechoes = true",
      "[[rooms]] #1 echoes: unknown key; did you mean echo?",
    ],
  ])("an unknown key in one of our tables is named with its file: %j", (file, problem) => {
    expect(problemsOf({ file })).toEqual([`tangram.toml: ${problem}`]);
  });

  it.each([
    ["[limit]\na = 1", "[limit]: unknown table; did you mean [limits]?"],
    ["[[room]]\nmatch = 'a'", "[room]: unknown table; did you mean [[rooms]]?"],
    ["[chanel]\nport = 1", "[chanel]: unknown table; did you mean [channel]?"],
    ["[Auth]\na = 1", "[Auth]: unknown table; did you mean [auth]?"],
    ["[logs]\nlevel = 'info'", "[logs]: unknown table; did you mean [log]?"],
  ])("a misspelt table is named: %j", (file, problem) => {
    expect(problemsOf({ file })).toEqual([`tangram.toml: ${problem}`]);
  });

  it.each([
    ["channel = 3", "channel: expected a table [channel]"],
    ["[[channel]]\nport = 1", "channel: expected a table [channel]"],
    ["[rooms]\nmatch = 'a'", "rooms: expected tables, each headed [[rooms]]"],
    ["rooms = ['a']", "rooms: expected tables, each headed [[rooms]]"],
    ["port = 3", "port = 3: a key outside a table; it belongs in [channel]"],
    [
      "jwt_secret = 's3cret'",
      "jwt_secret = (hidden): a key outside a table; it belongs in [channel]",
    ],
  ])("a value where a table belongs is named: %j", (file, problem) => {
    expect(problemsOf({ file })).toEqual([`tangram.toml: ${problem}`]);
  });

  it("a table called __proto__ does nothing", () => {
    const file = "[__proto__]\nport = 1\nmarked = true\n[core.__proto__]\nredis_url = 1";
    expect(optionsOf({ file })).toEqual(optionsSchema.parse({}));
    expect(Reflect.get({}, "marked")).toBeUndefined();
    expect(problemsOf({ file: "[channel]\n__proto__ = 1" })).toEqual([
      "tangram.toml: [channel] __proto__: unknown key; expected one of host, port, public_url, jwt_secret, jwt_expiration_secs",
    ]);
  });

  it("a syntax error has its line and column, and quotes nothing of the file", () => {
    expect(problemsOf({ file: "[channel]\njwt_secret = s3cret" })).toEqual([
      "tangram.toml: line 2, column 14: invalid value",
    ]);
  });

  it("a file that is not there is named with where its name came from", () => {
    expect(problemsOf({ flags: { config: "no.toml" } })).toEqual([
      "no.toml: no such file (from --config)",
    ]);
    expect(problemsOf({ environment: { COMMONROOM_CONFIG: "no such.toml" } })).toEqual([
      '"no such.toml": no such file (from COMMONROOM_CONFIG)',
    ]);
  });
});

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
      "[limits] idle_timeout_ms = 1.5: expected a whole number of at least 0",
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

describe("an open house", () => {
  const refusal =
    "refusing to listen on 0.0.0.0 without a secret: set --jwt-secret, JWT_SECRET or [channel] jwt_secret";

  it("does not listen outside loopback", () => {
    expect(problemsOf({ flags: { host: "0.0.0.0" } })).toEqual([refusal]);
    expect(problemsOf({ file: '[channel]\nhost = "0.0.0.0"' })).toEqual([refusal]);
  });

  it("may listen anywhere once it has a secret or a public key", () => {
    const flags = { host: "0.0.0.0" };
    expect(load({ flags, environment: { JWT_SECRET: "s" } }).ok).toBe(true);
    expect(load({ flags, environment: { JWT_PUBLIC_KEY: "pem" } }).ok).toBe(true);
  });

  it("is no matter to who signs a token only", () => {
    expect(load({ flags: { host: "0.0.0.0" }, purpose: "sign" }).ok).toBe(true);
  });

  it.each(["127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "localhost", "LOCALHOST"])(
    "%s is loopback",
    (host) => expect(isLoopback(host)).toBe(true),
  );

  it.each([
    "0.0.0.0",
    "::",
    "128.0.0.1",
    "127.0.0.1.example.org",
    "::1%eth0",
    "localhost.example",
    "",
  ])("%j is not loopback", (host) => expect(isLoopback(host)).toBe(false));
});

describe("a near miss", () => {
  it("is at most two edits away, one for short names", () => {
    expect(nearMiss("chanel", ["channel"])).toBe("channel");
    expect(nearMiss("chane", ["channel"])).toBe("channel");
    expect(nearMiss("chan", ["channel"])).toBeUndefined();
    expect(nearMiss("map", ["log"])).toBeUndefined();
    expect(nearMiss("bot", ["log"])).toBeUndefined();
  });
});

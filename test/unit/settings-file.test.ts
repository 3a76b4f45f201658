import { describe, expect, it } from "vitest";
import { optionsSchema } from "../../server/options.ts";
import { optionsOf, problemsOf } from "./settings-sources.ts";

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

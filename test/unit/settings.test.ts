import { describe, expect, it } from "vitest";
import { isLoopback } from "../../server/loopback.ts";
import { optionsSchema } from "../../server/options.ts";
import { namesAt } from "../../server/settings/expectation.ts";
import { nearMiss } from "../../server/settings/near-miss.ts";
import { settings } from "../../server/settings/setting.ts";
import { loadSettings } from "../../server/settings.ts";
import { load, optionsOf, problemsOf } from "./settings-sources.ts";

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

  it("every option but the rooms and the relay has a key in the file, and every key an option", () => {
    const options = namesAt([]).filter((name) => name !== "rooms" && name !== "relay");
    const places = options.flatMap((name) => {
      const below = namesAt([name]);
      return below.length === 0 ? [name] : below.map((key) => `${name}.${key}`);
    });
    expect(new Set(settings.map(({ path }) => path.join(".")))).toEqual(new Set(places));
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

import { describe, expect, it } from "vitest";
import { bannerLines, listenProblem } from "../../../server/cli/banner.ts";
import { type CommonroomOptions, optionsSchema } from "../../../server/options.ts";

describe("start-up lines", () => {
  const address = { host: "127.0.0.1", port: 2347, url: "http://127.0.0.1:2347" };

  function lines(options: CommonroomOptions, redis: "off" | "up" | "down" = "off"): string {
    return bannerLines(address, optionsSchema.parse(options), redis).join("\n");
  }

  it("an open house: the live page first, then what clients connect to", () => {
    expect(lines({}).split("\n")).toEqual([
      "  Live page   http://127.0.0.1:2347/",
      "  phoenix.js  ws://127.0.0.1:2347/socket or ws://127.0.0.1:2347/websocket",
      "  Socket.IO   http://127.0.0.1:2347",
      "  plain JSON  ws://127.0.0.1:2347/ws",
      "  Tower       ws://127.0.0.1:2347/websocket/",
      "  ColonyOS    http://127.0.0.1:2347/api; to add their own port: --colonies-port 50080",
      "  Redis       off; to add it: --redis redis://127.0.0.1:6379",
      "  Tokens      open house: a join needs no token; set --jwt-secret to require one",
    ]);
  });

  it("with a secret and Redis: neither the secret nor the password is in them", () => {
    const auth = { jwtSecret: "s3cret", anonymous: ["public:*"] };
    const text = lines({ auth, redisUrl: "redis://ann:s3cret@redis:6379" }, "up");
    expect(text).not.toContain("s3cret");
    expect(text).toContain("PUBLISH to:<room>:<event> <json> on redis://ann:***@redis:6379");
    expect(text).toContain("a join needs a token, but not in public:*");
  });

  it("several workers are named, one is not", () => {
    const options = optionsSchema.parse({});
    expect(bannerLines(address, options, "off", 4)).toContain("  Workers     4 processes");
    expect(bannerLines(address, options, "off", 1).join()).not.toContain("Workers");
  });

  it("ColonyOS is off where several workers have no Redis to share it", () => {
    const lineOf = (options: CommonroomOptions) =>
      bannerLines(address, optionsSchema.parse(options), "off", 2).find((line) =>
        line.includes("ColonyOS"),
      );
    expect(lineOf({})).toBe("  ColonyOS    off; several workers need a Redis for it");
    expect(lineOf({ redisUrl: "redis://redis:6379" })).toContain("http://127.0.0.1:2347/api");
  });

  it("a Redis that is not reachable yet is said to be so", () => {
    const redisUrl = "redis://redis:6379";
    expect(lines({ redisUrl }, "down")).toContain(`${redisUrl} (not reachable yet)`);
    expect(lines({ redisUrl }, "up")).not.toContain("not reachable");
  });

  it("a further port for ColonyOS is told with the host", () => {
    const text = bannerLines({ ...address, coloniesPort: 50080 }, optionsSchema.parse({}), "off");
    expect(text).toContain("  ColonyOS    http://127.0.0.1:2347/api and port 50080 on 127.0.0.1");
  });

  it("a further port that is taken is named with its own flag", () => {
    const taken = Object.assign(new Error("listen"), { code: "EADDRINUSE", port: 50_080 });
    expect(listenProblem(taken, optionsSchema.parse({ colonies: { port: 50_080 } }))).toBe(
      "port 50080 on 127.0.0.1 is taken; choose another with --colonies-port",
    );
  });

  it("a port that is taken is named with the flag that changes it", () => {
    const taken = Object.assign(new Error("listen"), { code: "EADDRINUSE" });
    expect(listenProblem(taken, optionsSchema.parse({}))).toBe(
      "port 2347 on 127.0.0.1 is taken; choose another with --port",
    );
  });
});

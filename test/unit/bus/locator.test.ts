import { describe, expect, it } from "vitest";
import {
  isRedisUrl,
  locator,
  passwordIn,
  readClusterUrl,
  readSentinelUrl,
} from "../../../server/bus/locator.ts";

describe("the address of a Redis behind Sentinels", () => {
  it("names the Sentinels and the master", () => {
    expect(readSentinelUrl("redis+sentinel://a:1,b.example.org,[::1]:3/mymaster")).toEqual({
      sentinels: ["a:1", "b.example.org", "[::1]:3"],
      masterName: "mymaster",
      credentials: "",
      database: "",
    });
    expect(readSentinelUrl("redis+sentinel://ann:s%40cret@a:1/my%20master/2")).toEqual({
      sentinels: ["a:1"],
      masterName: "my master",
      credentials: "ann:s%40cret@",
      database: "2",
    });
    expect(readSentinelUrl("redis+sentinel://a:1/mymaster/12")?.database).toBe("12");
  });

  it.each([
    "redis+sentinel://",
    "redis+sentinel://a:1",
    "redis+sentinel://a:1/",
    "redis+sentinel:///mymaster",
    "redis+sentinel://a:1,,b:2/mymaster",
    "redis+sentinel://a:x/mymaster",
    "redis+sentinel://a:1/mymaster/x",
    "redis+sentinel://a:1/%zz",
    "redis://a:1/mymaster",
  ])("is not %s", (url) => {
    expect(readSentinelUrl(url)).toBeUndefined();
  });
});

describe("an address of Redis", () => {
  it.each([
    ["redis://127.0.0.1:6379", true],
    ["rediss://ann:secret@example.org/3", true],
    ["redis://redis+cluster:secret@example.org", true],
    ["redis+sentinel://a:1/mymaster", true],
    ["redis+sentinel://a:1", false],
    ["localhost:6379", false],
    ["http://127.0.0.1", false],
    ["redis+cluster://a:1,b,[::1]:3", true],
    ["rediss+cluster://ann:s%40cret@a:1/", true],
    ["redis+cluster://", false],
    ["redis+cluster://a:1,", false],
    ["redis+cluster://a:x", false],
    ["redis+cluster://a:1/2", false],
    ["", false],
  ])("%s: %s", (url, isOne) => {
    expect(isRedisUrl(url)).toBe(isOne);
  });

  it("is used as it is where there are no Sentinels", async () => {
    expect(await locator("rediss://a:1/2")()).toEqual({ kind: "server", url: "rediss://a:1/2" });
  });

  it("of a cluster stands for all the nodes that it names, with their user and port", async () => {
    const urls = ["rediss://ann:s%40cret@a:1", "rediss://ann:s%40cret@b:6379"];
    expect(readClusterUrl("rediss+cluster://ann:s%40cret@a:1,b")).toEqual(urls);
    expect(await locator("rediss+cluster://ann:s%40cret@a:1,b")()).toEqual({
      kind: "cluster",
      urls,
    });
    expect(readClusterUrl("redis+cluster://[::1],[::2]:7")).toEqual([
      "redis://[::1]:6379",
      "redis://[::2]:7",
    ]);
  });

  it("is not found while no Sentinel answers, which takes no long time", async () => {
    const locate = locator("redis+sentinel://127.0.0.1:1,127.0.0.1:2/mymaster");
    await expect(locate()).rejects.toThrow("no Sentinel knows a master mymaster");
  });
});

describe("the password of Redis", () => {
  it.each([
    ["redis://ann:s%40cret@a:1/2", "s%40cret"],
    ["rediss://:secret@a", "secret"],
    ["redis+sentinel://ann:secret@a:1,b:2/m", "secret"],
    ["redis+cluster://ann:secret@a:1,b:2", "secret"],
    ["redis://ann@a:1", undefined],
    ["redis://a:1", undefined],
    ["redis+cluster://a:1,b:2", undefined],
    ["redis://a/0//ann:secret@b", undefined],
  ])("in %s is %s", (url, password) => {
    expect(passwordIn(url)).toBe(password);
  });
});

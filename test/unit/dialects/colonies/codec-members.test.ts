import { describe, expect, it } from "vitest";
import { RequestMembers } from "../../../../server/dialects/colonies/wire/request-members.ts";
import { phraseOf } from "../../../../server/dialects/colonies/wire/request-phrase.ts";
import { decodeInner, decodeInnerText } from "./codec-bodies.ts";

describe("members that are left out", () => {
  it.each([
    "getprocessesmsg",
    "assignprocessmsg",
    "channelreadmsg",
    "subscribechannelmsg",
  ] as const)("have their zero value, and so have those that are null: %s", (msgtype) => {
    const zero = (inner: object) => decodeInner(msgtype, { msgtype, ...inner });
    const names = ["colonyname", "processid", "name", "state", "count", "limit", "timeout"];
    expect(zero(Object.fromEntries(names.map((name) => [name, null])))).toEqual(zero({}));
    expect(zero({})).toMatchObject({ ok: true });
  });

  it("of an append are a sequence of 0, the type data and no payload", () => {
    const value = {
      msgtype: "channelappendmsg",
      processid: "",
      name: "",
      sequence: 0,
      inreplyto: 0,
      payload: undefined,
      type: "data",
    };
    expect(decodeInner("channelappendmsg", { msgtype: "channelappendmsg" })).toEqual({
      ok: true,
      value,
    });
  });

  it.each([
    ["addcolonymsg", "colony"],
    ["addexecutormsg", "executor"],
    ["addusermsg", "user"],
    ["submitfuncspecmsg", "spec"],
  ] as const)("cannot be what %s is about", (msgtype, name) => {
    const failure = { status: 400, message: `${phraseOf(msgtype)}, invalid JSON` };
    for (const value of [undefined, null, [], "text", 1]) {
      expect(decodeInner(msgtype, { msgtype, [name]: value })).toEqual({ ok: false, failure });
    }
  });
});

describe("a member that is not of its type", () => {
  it("is named", () => {
    const members = new RequestMembers({ name: 7 });
    expect(() => members.text("name")).toThrow("name is not of its type");
  });
});

describe("an integer", () => {
  const decode = (json: string) =>
    decodeInnerText("assignprocessmsg", `{"msgtype":"assignprocessmsg","timeout":${json}}`);

  it.each([
    ["-0", 0],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["-9007199254740991", Number.MIN_SAFE_INTEGER],
    ["1e3", 1000],
  ])("may be %s", (json, timeout) => {
    expect(decode(json)).toMatchObject({ ok: true, value: { timeout } });
  });

  it.each(["1.5", "1e300", "9007199254740992", "9223372036854775807", '"1"', "[1]", "{}", "false"])(
    "cannot be %s",
    (json) => {
      expect(decode(json)).toMatchObject({ ok: false, failure: { status: 400 } });
    },
  );
});

describe("a text", () => {
  it("has no half characters", () => {
    const inner = { msgtype: "getprocessmsg", processid: "a\ud83db\ude00😀" };
    expect(decodeInner("getprocessmsg", inner)).toMatchObject({
      value: { processid: "a\ufffdb\ufffd😀" },
    });
  });
});

describe("the payload of a message", () => {
  const decode = (payload: unknown) =>
    decodeInner("channelappendmsg", { msgtype: "channelappendmsg", payload });
  const invalid = {
    ok: false,
    failure: { status: 400, message: "Failed to append to channel, invalid JSON" },
  };

  it.each([
    [[], []],
    ["", []],
    [
      [0, 255],
      [0, 255],
    ],
    ["AP8=", [0, 255]],
    ["AAAA", [0, 0, 0]],
  ])("may be %j", (payload, bytes) => {
    const decoded = decode(payload);
    if (!decoded.ok || decoded.value.msgtype !== "channelappendmsg") expect.fail();
    expect([...(decoded.value.payload ?? expect.fail())]).toEqual(bytes);
  });

  it.each([
    [[256]],
    [[-1]],
    [[1.5]],
    [[null]],
    [["1"]],
    [[[1]]],
    [[0, 1, true]],
    [[{ toString: 1, valueOf: 1 }]],
    ["AP8"],
    ["AP_-"],
    ["A==="],
    ["=AAA"],
    ["text, not base64"],
    [{ "0": 1 }],
    [5],
  ])("cannot be %j", (payload) => {
    expect(decode(payload)).toEqual(invalid);
  });

  it("of 100,000 numbers is read in a few milliseconds", () => {
    const payload = Array.from({ length: 100_000 }, (_, at) => at % 256);
    const took = [1, 2, 3, 4, 5].map(() => {
      const startedAt = performance.now();
      expect(decode(payload)).toMatchObject({ ok: true });
      return performance.now() - startedAt;
    });
    expect(Math.min(...took)).toBeLessThan(50);
  });
});

describe("values that go on as they came", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const close = (out: string, more = "0") =>
    decodeInnerText(
      "closesuccessfulmsg",
      `{"msgtype":"closesuccessfulmsg","out":${out},"more":${more}}`,
    );
  const submit = (kwargs: string) =>
    decodeInnerText(
      "submitfuncspecmsg",
      `{"msgtype":"submitfuncspecmsg","spec":{"kwargs":${kwargs}}}`,
    );

  it("may be nested 128 deep, and no deeper", () => {
    expect(close(nested(128))).toMatchObject({ ok: true });
    expect(close(nested(129))).toMatchObject({ ok: false, failure: { status: 400 } });
    expect(close(nested(100_000))).toMatchObject({ ok: false, failure: { status: 400 } });
    expect(submit(`{"deep":${nested(100_000)}}`)).toMatchObject({ failure: { status: 400 } });
  });

  it("do not include what no request has, however deep it is", () => {
    const value = { msgtype: "closesuccessfulmsg", processid: "", out: [] };
    expect(close("[]", nested(100_000))).toEqual({ ok: true, value });
  });

  it("keep names that objects have a meaning for", () => {
    const decoded = submit('{"__proto__":{"polluted":1}}');
    if (!decoded.ok || decoded.value.msgtype !== "submitfuncspecmsg") expect.fail();
    const { kwargs } = decoded.value.spec;
    expect(JSON.stringify(kwargs)).toBe('{"__proto__":{"polluted":1}}');
    expect("polluted" in kwargs).toBe(false);
  });
});

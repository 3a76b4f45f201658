import { describe, expect, it } from "vitest";
import { readJoinParams } from "../../../server/rooms/join-params.ts";
import { isOffset, readPosition } from "../../../server/rooms/log/position.ts";

const nothing = { token: undefined, meta: {}, position: undefined };

describe("the params of a join", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "token"],
    ["a list", [{ token: "t" }]],
    ["bytes", Buffer.from("x")],
    ["an empty object", {}],
    ["a token that is no text", { token: 7 }],
    ["a meta that is text", { meta: "x" }],
    ["a meta that is a list", { meta: [1] }],
    ["a meta that is null", { meta: null }],
    ["an epoch alone", { epoch: "e" }],
    ["a since that is null", { since: null }],
  ])("say nothing where they are or have %s", (_what, params) => {
    expect(readJoinParams(params)).toEqual(nothing);
  });

  it("have a token, what is told of the member, and what it has seen of the log", () => {
    const params = { token: "t", meta: { name: "Ann" }, since: 3, epoch: "e", more: 1 };
    expect(readJoinParams(params)).toEqual({
      token: "t",
      meta: { name: "Ann" },
      position: { since: 3, epoch: "e" },
    });
  });

  it("are read into a meta of its own, which does not change with them", () => {
    const params = { meta: { name: "Ann" } };
    const { meta } = readJoinParams(params);
    params.meta.name = "Bob";
    expect(meta).toEqual({ name: "Ann" });
  });
});

describe("a position in a log", () => {
  it.each([
    [0, undefined, { since: 0, epoch: undefined }],
    [7, null, { since: 7, epoch: undefined }],
    [Number.MAX_SAFE_INTEGER, "e", { since: Number.MAX_SAFE_INTEGER, epoch: "e" }],
    [7, "", { since: 7, epoch: "" }],
    [7, ["e"], "invalid"],
    [7, "e".repeat(255), { since: 7, epoch: "e".repeat(255) }],
    [7, "e".repeat(256), "invalid"],
    [undefined, 7, undefined],
    [null, "e", undefined],
    [-1, "e", "invalid"],
    [1.5, "e", "invalid"],
    ["7", "e", "invalid"],
    [2 ** 53, "e", "invalid"],
    [Number.NaN, "e", "invalid"],
    [7, 7, "invalid"],
    [7, {}, "invalid"],
  ])("since %j with epoch %j is %j", (since, epoch, expected) => {
    expect(readPosition(since, epoch)).toEqual(expected);
  });

  it("is a number of an entry, or 0 for none", () => {
    expect([0, 1, -1, 0.5, "1", undefined].map(isOffset)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

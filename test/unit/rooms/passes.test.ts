import { describe, expect, it } from "vitest";
import { Passes } from "../../../server/rooms/passes.ts";

const passes = new Passes(Buffer.alloc(32, 1));

describe("a pass", () => {
  it.each(["1", "ann", "", "a.b", "ü🤖"])("stands for the user %j", (user) => {
    expect(passes.userOf(passes.passFor(user))).toBe(user);
  });

  it("of another run, or of another user, is none", () => {
    const [prefix, , signature] = passes.passFor("1").split(".");
    const other = Buffer.from("2").toString("base64url");
    const forged = [
      new Passes(Buffer.alloc(32, 2)).passFor("1"),
      `${prefix}.${other}.${signature}`,
      `${prefix}.${other}.`,
      `${prefix}.${other}`,
      `${prefix}.`,
      prefix,
      "",
      undefined,
      "eyJhbGciOiJIUzI1NiJ9.e30.x",
    ];
    expect(forged.map((text) => passes.userOf(text))).toEqual(forged.map(() => undefined));
  });
});

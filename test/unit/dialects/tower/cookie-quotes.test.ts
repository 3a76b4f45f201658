import { describe, expect, it } from "vitest";
import { decodedCookie, readCookies } from "../../../../server/dialects/tower/cookies.ts";

describe("a cookie's value", () => {
  it.each([
    ['"abc"', "abc"],
    ['"abc', '"abc'],
    ['abc"', 'abc"'],
    ['"', '"'],
    ['""', ""],
  ])("%s is read as %s: quotes are left out in pairs only", (value, expected) => {
    expect(readCookies(`a=${value}`).get("a")).toBe(expected);
    expect(decodedCookie(encodeURIComponent(value))).toBe(expected);
  });
});

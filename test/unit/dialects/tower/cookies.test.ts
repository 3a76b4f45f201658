import { describe, expect, it } from "vitest";
import { decodedCookie, readCookies } from "../../../../server/dialects/tower/cookies.ts";

describe("cookies", () => {
  it.each([
    [undefined, {}],
    ["", {}],
    ["a=1", { a: "1" }],
    ['awx_sessionid="abc"; csrftoken=TOK', { awx_sessionid: "abc", csrftoken: "TOK" }],
    ['token="t";', { token: "t" }],
    ["a=1;b=2 ; c = 3", { a: "1", b: "2", c: "3" }],
    ["a=1; a=2", { a: "2" }],
    ["a=b=c==", { a: "b=c==" }],
    ["nothing; a=1", { a: "1" }],
    ['a="', { a: '"' }],
    ['a=""', { a: "" }],
    ["__proto__=1", { ["__proto__"]: "1" }],
  ])("of %j are read", (header, expected) => {
    expect([...readCookies(header)]).toEqual(Object.entries(expected));
  });

  it.each([
    ["abc", "abc"],
    ["%22abc%22", "abc"],
    ["a%20b", "a b"],
    ["100%", "100%"],
  ])("may have values like %s that are encoded", (value, expected) => {
    expect(decodedCookie(value)).toBe(expected);
  });
});

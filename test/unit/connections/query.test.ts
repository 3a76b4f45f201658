import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseParams } from "../../../server/connections/query.ts";

const parse = (query: string) => parseParams(new URLSearchParams(query));

describe("a query", () => {
  it.each<[string, unknown]>([
    ["", {}],
    ["a=1", { a: "1" }],
    ["a=1&a=2", { a: "2" }],
    ["a", { a: "" }],
    ["a=1&&b=2&", { a: "1", b: "2" }],
    ["a=x%20y+z", { a: "x y z" }],
    ["a[b]=1", { a: { b: "1" } }],
    ["a%5Bb%5D=1", { a: { b: "1" } }],
    ["a[b][c]=1&a[b][d]=2&a[e]=3", { a: { b: { c: "1", d: "2" }, e: "3" } }],
    ["a[b]=1&a[b]=2", { a: { b: "2" } }],
    ["a[]=1&a[]=2", { a: ["1", "2"] }],
    ["a[][b]=1&a[][c]=2", { a: [{ b: "1" }, { c: "2" }] }],
    ["a[b][]=1&a[b][]=2", { a: { b: ["1", "2"] } }],
    ["nest[k][0]=1&nest[k][1]=2", { nest: { k: { 0: "1", 1: "2" } } }],
    ["vsn[]=2.0.0", { vsn: ["2.0.0"] }],
    ["a[b=1", { "a[b": "1" }],
    ["a]=1", { a: "1" }],
    ["a[b]=1&a=2", { a: "2" }],
    ["a=2&a[b]=1", { a: { b: "1" } }],
    ["a[]=1&a[b]=2", { a: { b: "2" } }],
    ["a[b]=2&a[]=1", { a: ["1"] }],
    ["=1", { "": "1" }],
  ])("%s nests as its brackets say", (query, params) => {
    expect(parse(query)).toEqual(params);
  });

  it.each(["__proto__", "constructor", "toString"])("may have a key %s like any other", (key) => {
    const params = parse(`${key}[polluted]=yes&a[${key}][x]=1&b[]=1`);
    expect(Object.entries(params ?? {})).toHaveLength(3);
    expect(Object.keys(Object(Reflect.get(params ?? {}, "a")))).toEqual([key]);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("has no keys but the client's", () => {
    expect(parse("a=1")?.["constructor"]).toBeUndefined();
    expect(Object.getPrototypeOf(parse("a[b]=1")?.["a"])).toBeNull();
  });

  it("may have a thousand keys, and brackets 31 deep below the key, but no more", () => {
    const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}=1`).join("&");
    expect(Object.keys(parse(keys(1000)) ?? {})).toHaveLength(1000);
    expect(parse(keys(1001))).toBeUndefined();
    expect(parse(`a${"[b]".repeat(31)}=1`)).toBeDefined();
    expect(parse(`a${"[b]".repeat(32)}=1`)).toBeUndefined();
  });

  it("of any text is read or refused, never thrown at", () => {
    const piece = fc.oneof(
      fc.constantFrom("[", "]", "[]", "&", "=", "%5B", "%", "a", "__proto__"),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    const query = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(query, (text) => {
        parse(text);
      }),
      { numRuns: 2000 },
    );
  });
});

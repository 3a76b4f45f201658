import { describe, expect, it } from "vitest";
import { signToken } from "../../../server/auth/token.ts";
import { createVerifier } from "../../../server/auth/token-verifier.ts";
import vectors from "../../vectors/tangram-tokens.json" with { type: "json" };
import { hmacToken } from "./forge.ts";

const nowMs = 1_700_000_000_000;
const now = () => nowMs;
const nowSecs = nowMs / 1000;
const verify = createVerifier({ secret: "secret", leewaySecs: 0 }, now);
const claims = { id: "ann", channel: "lobby", exp: nowSecs + 60 };
const invalid = { ok: false, code: "token_invalid" };
const expired = { ok: false, code: "token_expired" };

describe("Tangram's tokens", () => {
  it.each(vectors.tokens)("$name: $verdict", ({ token, verdict }) => {
    const { id, channel, exp } = vectors.claims;
    const expected =
      verdict === "ok"
        ? { ok: true, token: { id, channels: [channel], publishes: [], expMs: exp * 1000 } }
        : { ok: false, code: verdict };
    expect(verify(token)).toStrictEqual(expected);
  });

  it.each(vectors.tokens)("$name: invalid with another secret", ({ token }) => {
    expect(createVerifier({ secret: "other", leewaySecs: 0 }, now)(token)).toStrictEqual(invalid);
  });

  it.each(vectors.tokens)("$name: invalid once a byte of any part is changed", ({ token }) => {
    for (const [index, part] of token.split(".").entries()) {
      const parts = token.split(".");
      parts[index] = (part.startsWith("A") ? "B" : "A") + part.slice(1);
      expect(verify(parts.join("."))).toStrictEqual(invalid);
    }
  });
});

describe("claims", () => {
  it("a token of signToken is valid and says what was signed", () => {
    const text = signToken({ id: "ann", channel: ["lobby", "chat:*"] }, "secret", 60, nowMs);
    const channels = ["lobby", "chat:*"];
    const token = { id: "ann", channels, publishes: [], expMs: nowMs + 60_000 };
    expect(verify(text)).toStrictEqual({ ok: true, token });
  });

  it.each([
    ["jobs", ["jobs"]],
    [
      ["jobs", "a:*"],
      ["jobs", "a:*"],
    ],
  ])("publish %j says where its holder may publish", (publish, publishes) => {
    const both = verify(hmacToken({ ...claims, publish }));
    expect(both).toMatchObject({ ok: true, token: { channels: ["lobby"], publishes } });
    const only = verify(hmacToken({ ...claims, channel: undefined, publish }));
    expect(only).toMatchObject({ ok: true, token: { channels: [], publishes } });
  });

  it("an empty id is an id", () => {
    expect(verify(hmacToken({ ...claims, id: "" })).ok).toBe(true);
  });

  it("aud, iss, sub, iat and unknown claims are ignored", () => {
    const others = { aud: "x", iss: 1, sub: null, iat: "y", whatever: {} };
    expect(verify(hmacToken({ ...claims, ...others })).ok).toBe(true);
  });

  it.each([
    ["no id", { id: undefined }],
    ["a number as id", { id: 7 }],
    ["null as id", { id: null }],
    ["no channel", { channel: undefined }],
    ["a number as channel", { channel: 7 }],
    ["an empty list of channels", { channel: [] }],
    ["a list of channels with a number", { channel: ["lobby", 7] }],
    ["an object as channel", { channel: { lobby: true } }],
    ["a number as publish", { publish: 7 }],
    ["null as publish", { publish: null }],
    ["an empty list as publish", { publish: [] }],
    ["a list with a number as publish", { publish: ["jobs", 7] }],
    ["a bad channel beside a good publish", { channel: 7, publish: "jobs" }],
    ["no exp", { exp: undefined }],
    ["text as exp", { exp: "4102444800" }],
    ["null as exp", { exp: null }],
    ["a negative exp", { exp: -1 }],
    ["an exp that is no safe integer", { exp: 1e300 }],
    ["text as nbf", { nbf: "0" }],
    ["an nbf to come", { nbf: nowSecs + 1 }],
  ])("%s is invalid", (_name, change) => {
    expect(verify(hmacToken({ ...claims, ...change }))).toStrictEqual(invalid);
  });

  it.each(["null", "7", '"text"', "[]", "{}", "", "{", '{"exp":1e999}'])(
    "a signed payload of %j is invalid",
    (payload) => {
      expect(verify(hmacToken(payload))).toStrictEqual(invalid);
    },
  );

  it("the names of Object's own members are not claims", () => {
    expect(verify(hmacToken('{"__proto__":{"id":"a","channel":"b","exp":4102444800}}')).ok).toBe(
      false,
    );
  });
});

describe("time", () => {
  it.each([
    [0, -1, expired],
    [0, 0, { ok: true }],
    [60, -60, { ok: true }],
    [60, -61, expired],
  ])("with %i s leeway an exp of now %i s is %j", (leewaySecs, offsetSecs, expected) => {
    const verifyWithLeeway = createVerifier({ secret: "secret", leewaySecs }, now);
    const text = hmacToken({ ...claims, exp: nowSecs + offsetSecs });
    expect(verifyWithLeeway(text)).toMatchObject(expected);
  });

  it("a token expires between two whole seconds", () => {
    const text = hmacToken({ ...claims, exp: nowSecs });
    const late = createVerifier({ secret: "secret", leewaySecs: 0 }, () => nowMs + 1);
    expect(verify(text).ok).toBe(true);
    expect(late(text)).toStrictEqual(expired);
  });

  it("leeway counts for nbf too", () => {
    const text = hmacToken({ ...claims, nbf: nowSecs + 60 });
    expect(createVerifier({ secret: "secret", leewaySecs: 60 }, now)(text).ok).toBe(true);
    expect(createVerifier({ secret: "secret", leewaySecs: 59 }, now)(text)).toStrictEqual(invalid);
  });

  it("the verifier asks its clock each time", () => {
    let clockMs = nowMs;
    const ageing = createVerifier({ secret: "secret", leewaySecs: 0 }, () => clockMs);
    const text = hmacToken(claims);
    expect(ageing(text).ok).toBe(true);
    clockMs += 60_001;
    expect(ageing(text)).toStrictEqual(expired);
  });

  it("an expired token with a wrong signature is invalid, not expired", () => {
    expect(verify(hmacToken({ ...claims, exp: 1 }, "other"))).toStrictEqual(invalid);
  });
});

import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { covers, mayPublish, signToken, type Token } from "../../../server/auth/token.ts";
import vectors from "../../vectors/tangram-tokens.json" with { type: "json" };

function part(token: string, index: number): unknown {
  return JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString("utf8"));
}

describe("signToken", () => {
  const nowMs = 1_700_000_000_999;

  it("the header is exactly typ and alg", () => {
    const token = signToken({ id: "ann", channel: "lobby" }, "secret", 60, nowMs);
    expect(part(token, 0)).toStrictEqual({ typ: "JWT", alg: "HS256" });
  });

  it("the claims are exactly id, channel and exp in whole seconds", () => {
    const token = signToken({ id: "ann", channel: "lobby" }, "secret", 60, nowMs);
    expect(part(token, 1)).toStrictEqual({ id: "ann", channel: "lobby", exp: 1_700_000_060 });
  });

  it("a list of channels stays a list", () => {
    const token = signToken({ id: "ann", channel: ["a", "b:*"] }, "secret", 60, nowMs);
    expect(part(token, 1)).toMatchObject({ channel: ["a", "b:*"] });
  });

  it("a token for publishing only has publish in the place of channel", () => {
    const token = signToken({ id: "ci", publish: ["jobs", "a:*"] }, "secret", 60, nowMs);
    expect(part(token, 1)).toStrictEqual({
      id: "ci",
      publish: ["jobs", "a:*"],
      exp: 1_700_000_060,
    });
  });

  it("Tangram's claims give Tangram's token, byte for byte", () => {
    const { id, channel, exp } = vectors.claims;
    const token = signToken({ id, channel }, vectors.secret, exp, 0);
    expect(token).toBe(vectors.tokens[1]?.token);
  });

  it("a secret that looks like a PEM key is still only bytes", () => {
    const secret = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
    const token = signToken({ id: "ann", channel: "lobby" }, secret, 60, nowMs);
    const [header, payload, signature] = token.split(".");
    const expected = createHmac("sha256", secret).update(`${header}.${payload}`);
    expect(signature).toBe(expected.digest("base64url"));
  });
});

describe("covers", () => {
  const token: Token = { id: "ann", channels: ["lobby", "chat:*"], publishes: ["jobs"], expMs: 0 };

  it.each([
    ["lobby", true],
    ["chat:1", true],
    ["chat", false],
    ["lobby2", false],
  ])("a token for lobby and chat:* on %s is %j", (room, expected) => {
    expect(covers(token, room)).toBe(expected);
  });
});

describe("mayPublish", () => {
  const token: Token = { id: "ann", channels: ["lobby"], publishes: ["jobs", "chat:*"], expMs: 0 };

  it.each([
    ["jobs", true],
    ["chat:1", true],
    ["lobby", false],
    ["jobs2", false],
  ])("a token that publishes in jobs and chat:*, in %s: %j", (room, expected) => {
    expect(mayPublish(token, room)).toBe(expected);
  });
});

import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVerifier, maxTokenChars } from "../../../server/auth/token-verifier.ts";
import { hmacToken } from "./forge.ts";

const verify = createVerifier({ secret: "secret", leewaySecs: 0 }, () => 1_700_000_000_000);
const claims = { id: "ann", channel: "lobby", exp: 4_102_444_800 };
const invalid = { ok: false, code: "token_invalid" };

describe("any text at all", () => {
  it("random text is invalid and throws nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(verify(text)).toStrictEqual(invalid);
      }),
    );
  });

  it("random text between dots is invalid and throws nothing", () => {
    const part = fc.oneof(fc.base64String(), fc.string(), fc.json().map(base64url));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        expect(verify(parts.join("."))).toStrictEqual(invalid);
      }),
    );
  });

  it("any signed JSON gets a verdict and throws nothing", () => {
    const object = fc.record(
      { id: fc.anything(), channel: fc.anything(), exp: fc.anything(), nbf: fc.anything() },
      { requiredKeys: [] },
    );
    const payload = fc.oneof(
      fc.json(),
      fc.string(),
      object.map((claims) => fc.stringify(claims)),
    );
    fc.assert(fc.property(payload, (text) => typeof verify(hmacToken(text)).ok === "boolean"));
  });

  it("any JSON as a header is invalid and throws nothing", () => {
    fc.assert(
      fc.property(fc.json(), (header) => {
        const head = `${base64url(header)}.${base64url(JSON.stringify(claims))}`;
        const signature = createHmac("sha256", "secret").update(head).digest("base64url");
        expect(verify(`${head}.${signature}`)).toStrictEqual(invalid);
      }),
    );
  });

  it.each([
    ["10 MB of one letter", "a".repeat(10_000_000)],
    ["10 MB of dots", ".".repeat(10_000_000)],
    ["10 MB that begins like a token", `${hmacToken(claims)}${"A".repeat(10_000_000)}`],
    ["a valid token with a line feed", `${hmacToken(claims)}\n`],
    ["a valid token with a space before it", ` ${hmacToken(claims)}`],
    ["a valid token with a fourth part", `${hmacToken(claims)}.`],
    ["nothing", ""],
  ])("%s is invalid", (_name, text) => {
    expect(verify(text)).toStrictEqual(invalid);
  });

  it("the longest token that is looked at is valid, one character more is not", () => {
    const padded = (length: number) => hmacToken({ ...claims, pad: "x".repeat(length) });
    let length = 0;
    while (padded(length + 1000).length <= maxTokenChars) length += 1000;
    while (padded(length + 1).length <= maxTokenChars) length += 1;
    expect(verify(padded(length)).ok).toBe(true);
    expect(verify(padded(length + 1))).toStrictEqual(invalid);
  });
});

function base64url(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

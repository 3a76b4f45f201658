import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TokenMemory } from "../../../server/auth/token-memory.ts";
import { createVerifier, maxTokenChars } from "../../../server/auth/token-verifier.ts";
import { hmacToken } from "./forge.ts";

const nowMs = 1_700_000_000_000;
const claims = { id: "ann", channel: "lobby", exp: nowMs / 1000 + 60 };
const verify = createVerifier({ secret: "secret", leewaySecs: 0 }, () => nowMs);

function verifierOf(publicKey: KeyObject) {
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return createVerifier({ publicKey: pem, leewaySecs: 0 }, () => nowMs);
}

/** A good token with a claim that makes it this long. */
function tokenOfChars(chars: number): string {
  for (let fill = Math.floor((chars - 200) * 0.75); ; fill += 1) {
    const token = hmacToken({ ...claims, fill: "x".repeat(fill) });
    if (token.length >= chars) return token;
  }
}

describe("a token's length", () => {
  it("may be 65,536 characters", () => {
    const longest = tokenOfChars(maxTokenChars);
    expect(longest).toHaveLength(65_536);
    expect(verify(longest)).toMatchObject({ ok: true });
  });

  it("may not be more, although the signature holds", () => {
    const tooLong = tokenOfChars(maxTokenChars + 1);
    expect(verify(tooLong)).toEqual({ ok: false, code: "token_invalid" });
  });

  it("of 4,096 characters is the longest that is remembered", () => {
    const memory = new TokenMemory<string>(() => nowMs);
    memory.recall("a".repeat(4096), () => "claims");
    expect(memory.size).toBe(1);
  });
});

describe("a public key", () => {
  it("of RSA may have 2,048 bits", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    expect(() => verifierOf(publicKey)).not.toThrow();
  });

  it("of RSA may not have 1,024 bits", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    expect(() => verifierOf(publicKey)).toThrow("2048 bits");
  });

  it("of RSA that signs with PSS only is refused: no algorithm here does", () => {
    const { publicKey } = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
    expect(() => verifierOf(publicKey)).toThrow("must be RSA");
  });

  it("that cannot be read is an error which keeps its cause", () => {
    const create = () => createVerifier({ publicKey: "hello", leewaySecs: 0 }, () => nowMs);
    expect(create).toThrow(expect.objectContaining({ cause: expect.any(Error) }));
  });
});

describe("a token's time", () => {
  it("is judged by the server's clock alone: nbf and exp may both lie in years to come", () => {
    const inYearsMs = 4_102_444_800_000;
    const later = createVerifier({ secret: "secret", leewaySecs: 0 }, () => inYearsMs);
    const secs = inYearsMs / 1000;
    const token = hmacToken({ ...claims, nbf: secs - 1, exp: secs + 1 });
    expect(later(token)).toMatchObject({ ok: true });
  });
});

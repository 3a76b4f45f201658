import { generateKeyPairSync } from "node:crypto";
import jwt from "jsonwebtoken";
import { describe, expect, it } from "vitest";
import { signToken } from "../../../server/auth/token.ts";
import { TokenMemory } from "../../../server/auth/token-memory.ts";
import { createVerifier } from "../../../server/auth/token-verifier.ts";
import { hmacToken } from "./forge.ts";

const startMs = 1_700_000_000_000;

/** A memory whose checks are counted. */
function setUp(limits = {}) {
  const clock = { nowMs: startMs };
  const checked: string[] = [];
  const memory = new TokenMemory<string>(() => clock.nowMs, limits);
  const recall = (text: string) =>
    memory.recall(text, (given) => {
      checked.push(given);
      return given.startsWith("bad") ? undefined : `claims of ${given}`;
    });
  return { clock, memory, recall, checked };
}

describe("the memory of tokens", () => {
  it("checks a good token once, and says the same again", () => {
    const { recall, checked } = setUp();
    expect([recall("ann"), recall("ann"), recall("bob")]).toEqual([
      "claims of ann",
      "claims of ann",
      "claims of bob",
    ]);
    expect(checked).toEqual(["ann", "bob"]);
  });

  it("forgets a token a minute after it was checked, however often it was used", () => {
    const { clock, recall, checked } = setUp();
    recall("ann");
    for (const laterMs of [30_000, 59_999]) {
      clock.nowMs = startMs + laterMs;
      recall("ann");
    }
    expect(checked).toHaveLength(1);
    clock.nowMs = startMs + 60_000;
    recall("ann");
    expect(checked).toHaveLength(2);
  });

  it("checks anew when the machine's clock has gone back", () => {
    const { clock, recall, checked } = setUp();
    recall("ann");
    clock.nowMs = startMs - 1;
    recall("ann");
    expect(checked).toHaveLength(2);
  });

  it("never remembers a token with a wrong signature", () => {
    const { memory, recall, checked } = setUp();
    expect([recall("bad"), recall("bad")]).toEqual([undefined, undefined]);
    expect(checked).toHaveLength(2);
    expect(memory.size).toBe(0);
  });

  it("is bounded: the token unused for longest makes room", () => {
    const { memory, recall, checked } = setUp({ maxTokens: 2 });
    for (const text of ["ann", "bob", "ann", "cid", "ann"]) recall(text);
    expect(memory.size).toBe(2);
    expect(checked).toEqual(["ann", "bob", "cid"]);
    recall("bob");
    expect(checked).toEqual(["ann", "bob", "cid", "bob"]);
  });

  it("is bounded in bytes too: a token of more than 4096 characters is checked each time", () => {
    const { memory, recall, checked } = setUp();
    const long = "a".repeat(4097);
    recall(long);
    recall(long);
    expect(checked).toHaveLength(2);
    expect(memory.size).toBe(0);
  });

  it("holds 10,000 tokens by default", () => {
    const { memory, recall } = setUp();
    for (let n = 0; n < 10_100; n += 1) recall(`token ${n}`);
    expect(memory.size).toBe(10_000);
  });
});

describe("a verifier with a memory", () => {
  it("judges exp anew at each use", () => {
    const clock = { nowMs: startMs };
    const verify = createVerifier({ secret: "secret", leewaySecs: 0 }, () => clock.nowMs);
    const text = signToken({ id: "ann", channel: "lobby" }, "secret", 10, startMs);
    expect(verify(text)).toMatchObject({ ok: true });
    clock.nowMs = startMs + 10_000;
    expect(verify(text)).toMatchObject({ ok: true });
    clock.nowMs += 1;
    expect(verify(text)).toEqual({ ok: false, code: "token_expired" });
  });

  it("judges nbf anew at each use", () => {
    const clock = { nowMs: startMs };
    const verify = createVerifier({ secret: "secret", leewaySecs: 0 }, () => clock.nowMs);
    const nowSecs = startMs / 1000;
    const claims = { id: "ann", channel: "lobby", nbf: nowSecs + 5, exp: nowSecs + 60 };
    const text = hmacToken(claims);
    expect(verify(text)).toEqual({ ok: false, code: "token_invalid" });
    clock.nowMs += 5000;
    expect(verify(text)).toMatchObject({ ok: true });
  });

  it("does not take a token for another whose text differs in one character", () => {
    const verify = createVerifier({ secret: "secret", leewaySecs: 0 }, () => startMs);
    const text = signToken({ id: "ann", channel: "lobby" }, "secret", 60, startMs);
    expect(verify(text)).toMatchObject({ ok: true });
    for (let at = 0; at < text.length; at += 1) {
      const changed = `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
      // The last character's spare bits are no part of the signature; all others are refused.
      if (at < text.length - 1) expect(verify(changed).ok).toBe(false);
    }
  });

  const keyPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKey = keyPair.publicKey.export({ type: "spki", format: "pem" }).toString();

  it.each([
    ["HS256", (id: string) => signToken({ id, channel: "lobby" }, "secret", 3600, startMs)],
    [
      "ES256",
      (id: string) =>
        jwt.sign({ id, channel: "lobby", exp: startMs / 1000 + 3600 }, keyPair.privateKey, {
          algorithm: "ES256",
        }),
    ],
  ] as const)("verifies an %s token for the second time at least 5 times faster", (_name, sign) => {
    const verify = createVerifier({ secret: "secret", publicKey, leewaySecs: 0 }, () => startMs);
    const warm = Array.from({ length: 300 }, (_, index) => sign(`warm ${index}`));
    for (const text of [...warm, ...warm]) verify(text);
    const texts = Array.from({ length: 500 }, (_, index) => sign(`user ${index}`));
    const first = medianNs(texts, verify);
    const second = medianNs(texts, verify);
    expect(first / second).toBeGreaterThan(5);
  });
});

function medianNs(texts: readonly string[], task: (text: string) => unknown): number {
  const times = texts.map((text) => {
    const startedAt = process.hrtime.bigint();
    task(text);
    return Number(process.hrtime.bigint() - startedAt);
  });
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

import { describe, expect, it } from "vitest";
import { createVerifier } from "../../../server/auth/token-verifier.ts";
import { hmacToken, unsigned } from "./forge.ts";

const now = () => 1_700_000_000_000;
const verify = createVerifier({ secret: "secret", leewaySecs: 0 }, now);
const claims = { id: "ann", channel: "lobby", exp: 4_102_444_800 };
const invalid = { ok: false, code: "token_invalid" };

describe("algorithms of the secret", () => {
  it.each(["none", "None", "NONE", "nOnE", "", "HS256"])(
    "an unsigned token with alg %j is invalid",
    (alg) => {
      expect(verify(unsigned(claims, { alg, typ: "JWT" }))).toStrictEqual(invalid);
    },
  );

  it.each([
    ["HS384", "sha384"],
    ["HS512", "sha512"],
  ])("%s is invalid", (alg, digest) => {
    expect(verify(hmacToken(claims, "secret", { alg }, digest))).toStrictEqual(invalid);
  });

  it.each(["RS256", "ES256", "hs256", "__proto__", "constructor"])(
    "alg %s on an HS256 signature is invalid",
    (alg) => {
      expect(verify(hmacToken(claims, "secret", { alg }))).toStrictEqual(invalid);
    },
  );

  it.each([[["HS256"]], [null], [7], [{}]])("alg %j is invalid", (alg) => {
    expect(verify(hmacToken(claims, "secret", { alg }))).toStrictEqual(invalid);
  });

  it("a header without alg is invalid", () => {
    expect(verify(hmacToken(claims, "secret", { typ: "JWT" }))).toStrictEqual(invalid);
  });

  it("a header without typ is valid", () => {
    expect(verify(hmacToken(claims, "secret", { alg: "HS256" })).ok).toBe(true);
  });

  it("a critical extension is invalid", () => {
    expect(verify(hmacToken(claims, "secret", { alg: "HS256", crit: ["x"] }))).toStrictEqual(
      invalid,
    );
  });

  it("a secret that looks like a PEM key is only bytes", () => {
    const secret = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
    const text = hmacToken(claims, secret);
    expect(createVerifier({ secret, leewaySecs: 0 }, now)(text).ok).toBe(true);
  });

  it("without any key every token is invalid, also one signed with an empty secret", () => {
    const keyless = createVerifier({ leewaySecs: 0 }, now);
    expect(keyless(hmacToken(claims, ""))).toStrictEqual(invalid);
    expect(keyless(unsigned(claims, { alg: "none" }))).toStrictEqual(invalid);
    expect(keyless(unsigned(claims, { alg: "HS256" }))).toStrictEqual(invalid);
  });
});

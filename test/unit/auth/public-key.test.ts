import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createVerifier } from "../../../server/auth/token-verifier.ts";
import { hmacToken, signedPart, unsigned } from "./forge.ts";

const now = () => 1_700_000_000_000;
const claims = { id: "ann", channel: "lobby", exp: 4_102_444_800 };
const valid = {
  ok: true,
  token: { id: "ann", channels: ["lobby"], publishes: [], expMs: 4_102_444_800_000 },
};
const invalid = { ok: false, code: "token_invalid" };

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const otherEc = generateKeyPairSync("ec", { namedCurve: "P-256" });

function pem(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}

function signed(alg: string, key: KeyObject, digest = "sha256", dsaEncoding?: "der"): string {
  const head = signedPart(claims, { typ: "JWT", alg });
  const signer = { key, dsaEncoding: dsaEncoding ?? ("ieee-p1363" as const) };
  return `${head}.${sign(digest, Buffer.from(head), signer).toString("base64url")}`;
}

function verifierOf(publicKey: KeyObject, secret?: string) {
  return createVerifier({ publicKey: pem(publicKey), secret, leewaySecs: 0 }, now);
}

describe.each([
  { alg: "RS256", other: "ES256", pair: rsa, otherPair: otherRsa },
  { alg: "ES256", other: "RS256", pair: ec, otherPair: otherEc },
])("a public key for $alg", ({ alg, other, pair, otherPair }) => {
  const verify = verifierOf(pair.publicKey);

  it("a token of its private key is valid", () => {
    expect(verify(signed(alg, pair.privateKey))).toStrictEqual(valid);
  });

  it("a token of another private key is invalid", () => {
    expect(verify(signed(alg, otherPair.privateKey))).toStrictEqual(invalid);
  });

  it("HS256 signed with the public key's PEM text is invalid", () => {
    const text = pem(pair.publicKey);
    for (const secret of [text, text.trim(), `${text}\n`]) {
      expect(verify(hmacToken(claims, secret))).toStrictEqual(invalid);
      expect(verifierOf(pair.publicKey, "secret")(hmacToken(claims, secret))).toStrictEqual(
        invalid,
      );
    }
  });

  it("HS256 signed with the public key's DER bytes is invalid", () => {
    const der = pair.publicKey.export({ type: "spki", format: "der" }).toString("latin1");
    expect(verify(hmacToken(claims, der))).toStrictEqual(invalid);
  });

  it("the same signature under the other algorithm's name is invalid", () => {
    expect(verify(signed(other, pair.privateKey))).toStrictEqual(invalid);
  });

  it("a longer digest is invalid", () => {
    const longer = alg.replace("256", "384");
    expect(verify(signed(longer, pair.privateKey, "sha384"))).toStrictEqual(invalid);
    expect(verify(signed(alg, pair.privateKey, "sha384"))).toStrictEqual(invalid);
  });

  it("an unsigned token is invalid", () => {
    expect(verify(unsigned(claims, { alg: "none" }))).toStrictEqual(invalid);
    expect(verify(unsigned(claims, { alg }))).toStrictEqual(invalid);
  });

  it("a signature that is cut short or garbage is invalid", () => {
    const text = signed(alg, pair.privateKey);
    expect(verify(text.slice(0, -8))).toStrictEqual(invalid);
    expect(verify(`${signedPart(claims, { alg })}.AAAA`)).toStrictEqual(invalid);
  });

  it("beside a secret both kinds of token are valid", () => {
    const both = verifierOf(pair.publicKey, "secret");
    expect(both(signed(alg, pair.privateKey))).toStrictEqual(valid);
    expect(both(hmacToken(claims))).toStrictEqual(valid);
  });

  it("without a secret HS256 is invalid", () => {
    expect(verify(hmacToken(claims))).toStrictEqual(invalid);
    expect(verify(hmacToken(claims, ""))).toStrictEqual(invalid);
  });
});

it("an ES256 signature in DER is invalid", () => {
  const text = signed("ES256", ec.privateKey, "sha256", "der");
  expect(verifierOf(ec.publicKey)(text)).toStrictEqual(invalid);
});

describe("a key that cannot be used is an error at once", () => {
  const small = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const ed25519 = generateKeyPairSync("ed25519");
  const privatePem = ec.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

  it.each([
    ["no PEM", "hello", /not a PEM public key/],
    ["a private key", privatePem, /is a private key/],
    ["RSA with 1024 bits", pem(small.publicKey), /2048 bits/],
    ["EC on P-384", pem(p384.publicKey), /P-256/],
    ["Ed25519", pem(ed25519.publicKey), /must be RSA/],
  ])("%s", (_name, publicKey, message) => {
    expect(() => createVerifier({ publicKey, leewaySecs: 0 }, now)).toThrow(message);
  });
});

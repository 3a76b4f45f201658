import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha3_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  payloadDigest,
  readSignature,
} from "../../../../server/dialects/colonies/signatures/signature.ts";
import { recoverIdentity } from "../../../support/recover-identity.ts";
import vectors from "../../../vectors/colonies.json" with { type: "json" };

const { Point } = secp256k1;
const order = Point.Fn.ORDER;
const prime = Point.Fp.ORDER;
const valid = vectors.tampered.signature;
const unrecoverable = "Failed to recover public key: invalid signature: ";
const highS = "Failed verify signature: Signature s value is over half the order";

function hex(number: bigint, digits = 64): string {
  return number.toString(16).padStart(digits, "0");
}

function signatureOf(r: bigint, s: bigint, code: number): string {
  return `${hex(r)}${hex(s)}${hex(BigInt(code), 2)}`;
}

/** Where a payload's signature would belong to the point at infinity. */
function infinitySignature(payload: string): string {
  const point = Point.BASE.multiply(2n);
  const s = Point.Fn.div(BigInt(`0x${payloadDigest(payload)}`) % order, 2n);
  const isHigh = s > order / 2n;
  return signatureOf(point.x, isHigh ? order - s : s, Number(point.y % 2n) ^ Number(isHigh));
}

describe("the signer of a payload", () => {
  it.each(vectors.signatures)("is recovered: $key of '$message'", (vector) => {
    expect(payloadDigest(vector.message)).toBe(vector.sha3_256);
    expect(recoverIdentity(vector.message, vector.signature)).toEqual({
      ok: true,
      id: vector.recoversTo,
    });
  });

  it("is another one once the payload was changed", () => {
    const { message, signature, recoversTo } = vectors.tampered;
    expect(recoverIdentity(message, signature)).toEqual({ ok: true, id: recoversTo });
  });

  it("is the same for upper-case digits", () => {
    expect(recoverIdentity("hello", valid.toUpperCase())).toEqual(recoverIdentity("hello", valid));
  });

  it("is another one for each bit of the payload", () => {
    const { message, signature, recoversTo } = vectors.signatures[2] ?? expect.fail();
    const bits = fc.tuple(fc.nat(message.length - 1), fc.nat(6));
    fc.assert(
      fc.property(bits, ([at, bit]) => {
        const flipped = String.fromCharCode(message.charCodeAt(at) ^ (1 << bit));
        const changed = message.slice(0, at) + flipped + message.slice(at + 1);
        const signer = recoverIdentity(changed, signature);
        expect(signer.ok && signer.id !== recoversTo).toBe(true);
      }),
    );
  });

  it("is an identity or a readable refusal for any 65 bytes", () => {
    const bytes = fc.uint8Array({ minLength: 65, maxLength: 65 });
    const code = fc.option(fc.nat(8), { nil: undefined });
    fc.assert(
      fc.property(fc.string(), bytes, code, (payload, signature, likelyCode) => {
        if (likelyCode !== undefined) signature[64] = likelyCode;
        const signer = recoverIdentity(payload, Buffer.from(signature).toString("hex"));
        expect(signer.ok ? signer.id : signer.text).toMatch(/^([0-9a-f]{64}|Failed .+)$/);
      }),
      { numRuns: 300 },
    );
  });

  it("is found where r stands for a number above the order", () => {
    const isPoint = (x: bigint) => Point.Fp.isValid(x) && isOnCurve(x);
    const r = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].find((small) => isPoint(small + order)) ?? 0n;
    const found = recoverIdentity("hello", signatureOf(r, 1n, 2));
    expect(found).toMatchObject({ ok: true });
    expect(found).not.toEqual(recoverIdentity("hello", signatureOf(r, 1n, 0)));
  });
});

function isOnCurve(x: bigint): boolean {
  const { Fp } = Point;
  const square = Fp.create(x * x * x + 7n);
  return Fp.pow(square, (prime - 1n) / 2n) === 1n;
}

describe("a signature", () => {
  it.each(vectors.rejected)("is refused: $why", ({ message, signature, goError }) => {
    expect(recoverIdentity(message, signature)).toEqual({ ok: false, text: goError });
  });

  it.each([
    ["r is the order", signatureOf(order, 1n, 0), `${unrecoverable}R >= group order`],
    ["s is the order", signatureOf(1n, order, 0), `${unrecoverable}S >= group order`],
    ["s is 0", signatureOf(1n, 0n, 0), `${unrecoverable}S is 0`],
    [
      "r + N is too high",
      signatureOf(prime - order, 1n, 2),
      `${unrecoverable}signature R + N >= P`,
    ],
    ["s is just above half", signatureOf(1n, order / 2n + 1n, 0), highS],
    ["r is no point", signatureOf(5n, 1n, 0), `${unrecoverable}not for a valid curve point`],
    ["the key is infinite", infinitySignature("a"), `${unrecoverable}not for a valid curve point`],
    ["the key is infinite", infinitySignature("b"), `${unrecoverable}not for a valid curve point`],
    ["is 66 bytes long", `${valid}00`, "Invalid signature length"],
    ["is 64 bytes long", valid.slice(2), "Invalid signature length"],
  ])("is refused where %s", (_why, signature, text) => {
    const payload = signature === infinitySignature("b") ? "b" : "a";
    expect(recoverIdentity(payload, signature)).toEqual({ ok: false, text });
  });

  it.each([
    ["prime less order, less one", signatureOf(prime - order - 1n, 1n, 3)],
    ["the order less one", signatureOf(order - 1n, 1n, 0)],
    ["s of half the order", signatureOf(1n, order / 2n, 1)],
  ])("is readable at the edge of its range: %s", (_edge, signature) => {
    expect(readSignature(signature)).toEqual({ ok: true, signature });
  });

  it.each([
    [8, 35],
    [27, 54],
    [229, 0],
    [255, 26],
  ])("is refused with the recovery code %i, shown as %i", (code, shown) => {
    const text = `${unrecoverable}public key recovery code ${shown} is not in the valid range [27, 34]`;
    expect(readSignature(signatureOf(1n, 1n, code))).toEqual({ ok: false, text });
  });

  it("may have a code that tells of a short key, as 4 to 7 do", () => {
    const id = recoverIdentity("hello", `${valid.slice(0, -2)}01`);
    expect(id.ok).toBe(true);
    expect(recoverIdentity("hello", `${valid.slice(0, -2)}05`)).toEqual(id);
  });

  it.each([
    ["0x12", "U+0078 'x'"],
    ["12 ", "U+0020 ' '"],
    ["1\n2", "U+000A"],
    ["\u007f", "U+007F"],
    ["é", "U+00C3 'Ã'"],
    ["12😀", "U+00F0 'ð'"],
    ["12\ud83d", "U+00EF 'ï'"],
  ])("names the first byte that is no digit: %j", (signature, shown) => {
    const text = `encoding/hex: invalid byte: ${shown}`;
    expect(readSignature(signature)).toEqual({ ok: false, text });
  });

  it("is read or refused, whatever text it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(readSignature(text)).toMatchObject({ ok: false, text: expect.any(String) });
      }),
    );
  });
});

describe("what is signed", () => {
  it("is SHA3-256 of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (payload) => {
        const digest = Buffer.from(sha3_256(Buffer.from(payload))).toString("hex");
        expect(payloadDigest(payload)).toBe(digest);
      }),
    );
  });
});

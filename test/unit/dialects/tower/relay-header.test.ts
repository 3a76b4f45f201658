import { describe, expect, it } from "vitest";
import { RelayHeaders } from "../../../../server/dialects/tower/relay-header.ts";
import { relayHeader } from "../../../support/relay-header.ts";

const AT_SECS = 1_700_000_000;
/** Made by AWX in Python. */
const vectors = [
  ["s3cr3t", "dfdfb9c4b82a6ca503925de2312da282af877dc3ea665b1fbf6f8763375abc6a"],
  ["🤖x", "414460e98e2b880a91ab439b08b700eb090f5efecd265131e0e3a3f153e56480"],
] as const;

function headersAt(secs: number, secret = "s3cr3t"): RelayHeaders {
  return new RelayHeaders(secret, () => secs * 1000);
}

describe("the header of a relay", () => {
  it.each(vectors)("with the secret %s is AWX's", (secret, hex) => {
    const header = `HMAC-SHA256 ${AT_SECS}:${hex}`;
    expect(relayHeader(secret, String(AT_SECS))).toBe(header);
    expect(headersAt(AT_SECS, secret).accept(header)).toBe(true);
  });

  it.each([
    [-301, false],
    [-300, true],
    [0, true],
    [300, true],
    [301, false],
  ])("counts %i s after it was made: %s", (offset, counts) => {
    const header = relayHeader("s3cr3t", String(AT_SECS));
    expect(headersAt(AT_SECS + offset).accept(header)).toBe(counts);
  });

  it("counts once within its window, and the next second's is another", () => {
    let nowSecs = AT_SECS;
    const headers = new RelayHeaders("s3cr3t", () => nowSecs * 1000);
    const header = relayHeader("s3cr3t", String(AT_SECS));
    expect(headers.accept(header)).toBe(true);
    expect(headers.accept(header)).toBe(false);
    nowSecs += 300;
    expect(headers.accept(header)).toBe(false);
    expect(headers.accept(relayHeader("s3cr3t", String(AT_SECS + 1)))).toBe(true);
  });

  it("is forgotten once it is too old to count again", () => {
    let nowSecs = AT_SECS;
    const headers = new RelayHeaders("s3cr3t", () => nowSecs * 1000);
    for (const secs of [0, 1]) headers.accept(relayHeader("s3cr3t", String(AT_SECS + secs)));
    expect(headers.size).toBe(2);
    nowSecs += 301;
    headers.accept(relayHeader("s3cr3t", String(nowSecs)));
    expect(headers.size).toBe(2);
  });

  const [, right] = relayHeader("s3cr3t", String(AT_SECS)).split(":");
  it.each([
    undefined,
    [[relayHeader("s3cr3t", String(AT_SECS))]],
    "",
    "HMAC-SHA256",
    `HMAC-SHA256 ${AT_SECS}`,
    `HMAC-SHA256 ${AT_SECS}:`,
    `HMAC-SHA256 ${AT_SECS}:${"0".repeat(64)}`,
    `HMAC-SHA256 ${AT_SECS + 1}:${right}`,
    `HMAC-SHA256 0${AT_SECS}:${right}`,
    `HMAC-SHA256 ${AT_SECS}.0:${right}`,
    `HMAC-SHA256 ${AT_SECS}:${right}00`,
    `HMAC-SHA1 ${AT_SECS}:${right}`,
    `${AT_SECS}:${right}`,
    relayHeader("other", String(AT_SECS)),
  ])("is refused if it is %s", (header) => {
    const headers = headersAt(AT_SECS);
    expect(headers.accept(header)).toBe(false);
    expect(headers.accept(relayHeader("s3cr3t", String(AT_SECS)))).toBe(true);
  });
});

import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { RelayHeaders } from "../../../../server/dialects/tower/relay-header.ts";
import { relayHeader } from "../../../support/relay-header.ts";

const nonce = "1700000000";
const accepts = (header: unknown) =>
  new RelayHeaders("key", () => Number(nonce) * 1000).accept(header);

describe("a relay's secret header", () => {
  it("is the HMAC-SHA256 of the JSON that AWX signs, in hexadecimal digits", () => {
    const signed = `{"secret": "key", "nonce": "${nonce}"}`;
    const digest = createHmac("sha256", "key").update(signed).digest("hex");
    expect(relayHeader("key", nonce)).toBe(`HMAC-SHA256 ${nonce}:${digest}`);
  });

  it("is the whole header, with nothing before it or after it", () => {
    const header = relayHeader("key", nonce);
    expect(accepts(header)).toBe(true);
    expect([accepts(`x${header}`), accepts(`${header}0`)]).toEqual([false, false]);
  });

  it("is text: a list that looks like it is refused", () => {
    expect(accepts([relayHeader("key", nonce)])).toBe(false);
    expect(accepts(undefined)).toBe(false);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Seal } from "../../../server/bus/seal.ts";

const seal = new Seal("a secret that nodes share");

describe("what a node has sealed", () => {
  it("is opened by whoever has the same secret, on the same channel", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (channel, text) => {
        const message = Buffer.from(seal.close(channel, text));
        const opened = new Seal("a secret that nodes share").open(channel, message);
        expect(opened?.toString("utf8")).toBe(Buffer.from(text).toString("utf8"));
      }),
    );
  });

  it.each([
    ["with another secret", (text: string) => new Seal("another").close("a", text)],
    ["for another channel", (text: string) => seal.close("b", text)],
    ["with other words in it", (text: string) => seal.close("a", text).replace("hello", "hellO")],
    ["with another seal", (text: string) => `A${seal.close("a", text).slice(1)}x`],
    ["without a seal", (text: string) => text],
    ["cut short", (text: string) => seal.close("a", text).slice(0, 20)],
    ["empty", () => ""],
  ])("is not opened %s", (_what, forge) => {
    expect(seal.open("a", Buffer.from(forge("hello")))).toBeUndefined();
  });

  it("is opened with the secret that is shared since, and with no other", () => {
    const seal = new Seal("mine");
    const before = seal.close("a", "hello");
    seal.share("ours");
    expect(seal.open("a", Buffer.from(before))).toBeUndefined();
    expect(new Seal("ours").open("a", Buffer.from(seal.close("a", "hello")))).toBeDefined();
  });

  it("is told where it cannot be opened", () => {
    let broken = 0;
    const seal = new Seal("ours", () => {
      broken += 1;
    });
    seal.open("a", Buffer.from(seal.close("a", "hello")));
    expect(broken).toBe(0);
    seal.open("a", Buffer.from("hello"));
    expect(broken).toBe(1);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { closes, refusals } from "../../server/index.ts";

const text = readFileSync("PROTOCOL.md", "utf8");

describe("PROTOCOL.md", () => {
  it.each(Object.entries(refusals))("lists the refusal %s as it is", (code, { reason, next }) => {
    expect(text).toContain(`| \`${code}\` | ${reason} | \`${next}\` |`);
  });

  it.each(Object.entries(closes))("lists the close %s as it is", (name, { code, reason, next }) => {
    expect(text).toContain(`| ${code} | \`${name}\` | ${reason} | \`${next}\` |`);
  });
});

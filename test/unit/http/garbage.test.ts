import fc from "fast-check";
import { expect, it } from "vitest";
import { postToken, serve } from "./serve.ts";

const headerText = fc.string({
  unit: fc.constantFrom(..."abcjnos/+;=, *\"'\\()<>@"),
  maxLength: 40,
});
const contentType = fc.oneof(
  { weight: 3, arbitrary: fc.constant("application/json") },
  { weight: 1, arbitrary: headerText },
  { weight: 1, arbitrary: headerText.map((text) => `application/${text}json`) },
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 6000, size: "max" }),
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.record({ channel: fc.jsonValue(), id: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({ channel: fc.string(), id: fc.option(fc.string()) }),
);

it("500 random bodies answer a defined status, and the server lives on", async () => {
  const served = await serve();
  const statuses = new Set<number>();
  const property = fc.asyncProperty(body, contentType, async (sent, type) => {
    const response = await postToken(served, sent, { "content-type": type });
    await response.text();
    statuses.add(response.status);
    expect([200, 400, 413, 415, 422]).toContain(response.status);
  });
  await fc.assert(property, { numRuns: 500 });

  expect(statuses.size).toBeGreaterThan(3);
  expect(served.errors).toStrictEqual([]);
  expect((await postToken(served, { channel: "room" })).status).toBe(200);
}, 30_000);

import fc from "fast-check";
import { expect, it } from "vitest";
import { frames, oddName } from "../../support/mutations.ts";
import { heardBy, joinPlain } from "../../support/plain-client.ts";
import { publish } from "../../support/publish.ts";
import { startServer } from "../../support/server.ts";

const RUNS = 2000;

const message = fc.record(
  {
    room: fc.oneof(fc.constantFrom("a", "b"), oddName),
    event: fc.oneof(fc.constantFrom("tick"), oddName),
    payload: fc.jsonValue(),
    except: fc.oneof(fc.constantFrom<unknown>("x", ["x", "y"]), oddName),
  },
  { requiredKeys: ["room", "payload"] },
);
const good = fc
  .oneof(
    message,
    fc.array(message, { maxLength: 3 }),
    fc.record({ messages: fc.array(message, { maxLength: 3 }) }),
  )
  .map((body) => JSON.stringify(body));
const body = fc.oneof(
  { arbitrary: frames(good), weight: 9 },
  { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
);

it("2,000 random and mutated bodies never answer 500, and break no member's frame", async () => {
  const server = await startServer({ rooms: [{ match: "*", presence: false }] });
  const member = await joinPlain(server, "a");
  const statuses = new Map<number, number>();
  const property = fc.asyncProperty(body, async (sent) => {
    const { status, body: answer } = await publish(server, sent);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    expect([200, 400, 403, 404, 422]).toContain(status);
    if (status !== 200) expect(answer).toHaveProperty("code");
  });
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  expect([...statuses.keys()].sort()).toEqual([200, 400, 404, 422]);
  for (const heard of await heardBy(member)) expect(heard).toMatchObject({ _room: "a" });
  expect(member.isOpen).toBe(true);
  expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
}, 60_000);

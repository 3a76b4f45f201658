import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  Listing,
  Place,
  RecordStore,
  StoredRecord,
} from "../../server/records/record-store.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { openRecords, openRedisNode } from "./stores.ts";

const keys = ["a", "b", "B", "é", "\uffee", "\u{1f600}", "__proto__", ""];
const indexes = ["one", "two", "in:two", "__proto__"];

const place = fc.tuple(fc.constantFrom(...indexes), fc.integer({ min: -3, max: 3 }));
const operation = fc.oneof(
  fc.record({
    what: fc.constant("write" as const),
    key: fc.constantFrom(...keys),
    version: fc.integer({ min: 0, max: 3 }),
    places: fc.array(place, { maxLength: 4 }),
    text: fc.string(),
  }),
  fc.record({
    what: fc.constant("remove" as const),
    key: fc.constantFrom(...keys),
    version: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({
    what: fc.constant("list" as const),
    index: fc.constantFrom(...indexes),
    listing: fc.record(
      {
        upTo: fc.integer({ min: -4, max: 4 }),
        limit: fc.integer({ min: 0, max: 9 }),
        isDescending: fc.boolean(),
      },
      { requiredKeys: ["limit"] },
    ),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

/** The records as simply as they can be. */
class Model {
  readonly #records = new Map<string, { record: StoredRecord; places: Map<string, number> }>();

  run(operation: Operation): unknown {
    if (operation.what === "list") return this.#list(operation.index, operation.listing);
    const { key, version } = operation;
    const isAt = (this.#records.get(key)?.record.version ?? 0) === version;
    if (operation.what === "remove") return isAt && this.#records.delete(key);
    const { text, places } = operation;
    if (!isAt) return false;
    const record = { key, text, version: version + 1 };
    this.#records.set(key, { record, places: new Map(places) });
    return true;
  }

  #list(index: string, { upTo = Infinity, limit, isDescending = false }: Listing) {
    const found = [...this.#records.values()].flatMap(({ record, places }) => {
      const score = places.get(index);
      return score === undefined || score > upTo ? [] : [{ record, score }];
    });
    found.sort(
      (a, b) =>
        a.score - b.score || Buffer.compare(Buffer.from(a.record.key), Buffer.from(b.record.key)),
    );
    if (isDescending) found.reverse();
    return found.slice(0, limit).map(({ record }) => record);
  }
}

function run(records: RecordStore, operation: Operation): Promise<unknown> {
  if (operation.what === "list") return records.list(operation.index, operation.listing);
  if (operation.what === "remove") return records.remove(operation.key, operation.version);
  return records.write({ ...operation, places: operation.places as readonly Place[] });
}

async function compare(records: RecordStore, operations: readonly Operation[]): Promise<void> {
  const model = new Model();
  for (const each of operations) expect(await run(records, each)).toEqual(model.run(each));
  for (const index of indexes) {
    const all = { what: "list", index, listing: { limit: 100 } } as const;
    const expected = model.run(all);
    expect(await run(records, all)).toEqual(expected);
    expect([await records.count(index)]).toEqual([(expected as unknown[]).length]);
  }
}

const histories = fc.array(operation, { maxLength: 40 });

describe("Records", () => {
  it("in memory are what a list of all of them would be, whatever is done", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (operations) => {
        await compare(await openRecords("memory"), operations);
      }),
      { numRuns: 300 },
    );
  });

  it("in Redis are what a list of all of them would be, whatever is done", async () => {
    const { url } = await startRedis();
    const { records } = await openRedisNode(url);
    const other = await connectBackend(url);
    await fc.assert(
      fc.asyncProperty(histories, async (operations) => {
        await other.flushAll();
        await compare(records, operations);
      }),
      { numRuns: 60 },
    );
  });
});

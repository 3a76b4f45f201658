import { describe, expect, it } from "vitest";
import { JsonText } from "../../../server/json-text.ts";
import type { Entry } from "../../../server/rooms/log/entry.ts";
import { recover } from "../../../server/rooms/log/recovery.ts";

const entry = (offset: number, bytes = 10): Entry => ({
  offset,
  bytes,
  event: "said",
  payload: new JsonText("{}"),
  atMs: 1,
});
/** A log of which the entries 3 to 5 are kept. */
const page = { epoch: "e", offset: 5, first: 3, entries: [entry(4), entry(5)] };
const MUCH = 1_000_000;

function recovered(since: number, epoch: string | undefined, spareBytes = MUCH) {
  const { response, missed } = recover(page, { since, epoch }, "room", spareBytes);
  expect(response).toMatchObject({ offset: 5, epoch: "e" });
  expect(missed).toEqual(response.recovered === true ? page.entries : []);
  return response.recovered;
}

describe("a member that comes back to a log", () => {
  it("is told where the log is, and no more, where it does not say what it has seen", () => {
    expect(recover(page, undefined, "room", MUCH)).toStrictEqual({
      response: { offset: 5, epoch: "e" },
      missed: [],
    });
  });

  it("gets all that it has missed", () => {
    expect([recovered(3, "e"), recovered(2, "e"), recovered(5, "e")]).toEqual([true, true, true]);
  });

  it("gets nothing where the log does not reach back", () => {
    expect(recovered(1, "e")).toBe(false);
  });

  it("gets nothing where it has seen more than there is", () => {
    expect(recovered(6, "e")).toBe(false);
  });

  it("gets nothing of another log", () => {
    expect(recovered(3, "f")).toBe(false);
  });

  it("without an epoch gets all from the beginning, or nothing", () => {
    const whole = { ...page, first: 1 };
    const told = (since: number) =>
      recover(whole, { since, epoch: undefined }, "room", MUCH).response.recovered;
    expect([told(0), told(3)]).toEqual([true, false]);
    expect(recovered(0, undefined)).toBe(false);
  });

  it("gets nothing where that is more than its connection can take", () => {
    // Each entry: twice its 10 bytes and twice its names of 4 + 4 characters, twice; and 256.
    const needed = 2 * (2 * (10 + 2 * (4 + 4)) + 256);
    expect([recovered(3, "e", needed), recovered(3, "e", needed - 1)]).toEqual([true, false]);
  });
});

import { expect, it } from "vitest";
import { Expiry } from "../../../server/rooms/expiry.ts";
import { ManualClock } from "../../support/manual-clock.ts";

it("all that is due in one second ends, but for what was taken out", () => {
  const clock = new ManualClock();
  const expired: string[] = [];
  const expiry = new Expiry<string>(clock, (item) => expired.push(item));
  const atMs = clock.now() + 1000;
  for (const item of ["a", "b", "c"]) expiry.add(item, atMs);
  expiry.remove("b", atMs);
  clock.advance(1250);
  expect(expired).toEqual(["a", "c"]);
});

import { describe, expect, it } from "vitest";
import { forgetAcknowledgements } from "../../../server/bus/acknowledgements.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("acknowledgements that another node has asked for", () => {
  it.each([
    ["are awaited as long as it waits", 5000, 5000],
    ["are awaited for a minute where it waits longer", 3_600_000, 60_000],
    ["are awaited for a minute where it does not say how long it waits", undefined, 60_000],
    ["are awaited for a minute where it says nonsense", "5000", 60_000],
    ["are awaited for no time where it waits for less than none", -1000, 0],
  ])("%s, and then forgotten, and no others", (_what, timeoutMs, waitMs) => {
    const clock = new ManualClock();
    const acks = () => new Map([1, 2, 3].map((number) => [number, "callback"]));
    const sockets = new Map(["a", "b"].map((id) => [id, { acks: acks() }]));
    const numbers = () => [...sockets.values()].map((socket) => [...socket.acks.keys()]);
    forgetAcknowledgements(clock, { _ids: 4, sockets }, 2, timeoutMs);
    if (waitMs > 0) clock.advance(waitMs - 1);
    if (waitMs > 0)
      expect(numbers()).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
    clock.advance(1);
    expect(numbers()).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });
});

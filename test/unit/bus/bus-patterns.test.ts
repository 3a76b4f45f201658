import { describe, expect, it } from "vitest";
import { BusPatterns, type Subscribe } from "../../../server/bus/bus-patterns.ts";
import { Subscriptions } from "../../../server/bus/subscriptions.ts";

function createPatterns(subscribe: Subscribe = "rooms", logged: readonly string[] = []) {
  const subscriptions = new Subscriptions({
    onHeard: () => {},
    onCrash: () => {},
    onRefused: () => {},
  });
  const patterns = new BusPatterns({
    subscriptions,
    subscribe,
    keepsLog: (room) => room.startsWith("log:"),
    loggedPatterns: () => logged,
    receive: () => {},
  });
  const namesOf = (room: string) => patterns.open(room).map(({ name }) => name);
  const takenBy = (room: string) => patterns.patternFor(`to:${room}:event`, room);
  return { subscriptions, patterns, namesOf, takenBy };
}

describe("the pattern by which a channel is taken", () => {
  it("is its room's own, while the room is heard", () => {
    const { patterns, namesOf, takenBy } = createPatterns();
    expect(takenBy("a")).toBeUndefined();
    expect(namesOf("a")).toEqual(["to:a:*"]);
    expect(namesOf("[b]*")).toEqual(["to:\\[b\\]\\*:*"]);
    expect([takenBy("a"), takenBy("a:b"), takenBy("[b]*")]).toEqual([
      "to:a:*",
      undefined,
      "to:\\[b\\]\\*:*",
    ]);
    patterns.close("a");
    expect(takenBy("a")).toBeUndefined();
  });

  it("is the one for all where there are very many rooms", () => {
    const { patterns, namesOf, takenBy } = createPatterns();
    const names = Array.from({ length: 1001 }, (_, index) => `room ${index}`);
    const topics = names.map(namesOf);
    expect(topics[999]).toEqual(["to:room 999:*"]);
    expect(topics[1000]).toEqual(["to:*"]);
    expect(takenBy("room 1000")).toBe("to:*");
    expect(takenBy("room 999")).toBe("to:room 999:*");
    // A room keeps what it has; the next one may have a pattern of its own again.
    patterns.close("room 0");
    expect(takenBy("room 1000")).toBe("to:*");
    expect(namesOf("next")).toEqual(["to:next:*"]);
  });

  it("of a room with a log is the logger's alone", () => {
    const { subscriptions, patterns, namesOf, takenBy } = createPatterns("rooms", [
      "log:*",
      "log:a",
      "other*",
    ]);
    expect(namesOf("log:a")).toEqual([]);
    expect(takenBy("log:a")).toBeUndefined();
    patterns.setLogger(true);
    patterns.setLogger(true);
    expect(subscriptions.size).toBe(2);
    expect(takenBy("log:a")).toBe("to:log:*");
    expect(takenBy("other")).toBeUndefined();
    patterns.setLogger(false);
    expect(subscriptions.size).toBe(0);
    expect(takenBy("log:a")).toBeUndefined();
  });

  it("is the one for all where a node is to hear everything", () => {
    const { subscriptions, patterns, namesOf, takenBy } = createPatterns("all", ["log:*"]);
    patterns.listen();
    patterns.setLogger(true);
    expect(subscriptions.size).toBe(1);
    expect(namesOf("a")).toEqual([]);
    expect([takenBy("a"), takenBy("log:a"), takenBy("")]).toEqual(["to:*", "to:*", "to:*"]);
    expect(patterns.patternFor("to:ann:disconnect", "ann")).toBe("to:*");
  });

  it("that ends connections is one of its own", () => {
    const { subscriptions, patterns, namesOf } = createPatterns();
    patterns.listen();
    expect(subscriptions.size).toBe(1);
    namesOf("ann");
    expect(patterns.patternFor("to:ann:disconnect", "ann")).toBe("to:*:disconnect");
  });
});

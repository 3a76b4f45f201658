import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Presence, type PresenceDiff, type PresenceState } from "../../../server/rooms/presence.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const diffs: PresenceDiff[] = [];
  const presence = new Presence();
  presence.open({
    clock,
    windowMs: 50,
    publish: (diff) => diffs.push(diff),
    onError: (error) => {
      throw error;
    },
  });
  return { clock, diffs, presence };
}

/** What a client makes of a diff, as Phoenix documents it: joins first, then leaves, by phx_ref. */
function apply(state: Map<string, Set<string>>, { joins, leaves }: PresenceDiff): void {
  for (const [key, { metas }] of Object.entries(joins)) {
    const refs = state.get(key) ?? new Set();
    for (const meta of metas) refs.add(meta.phx_ref);
    state.set(key, refs);
  }
  for (const [key, { metas }] of Object.entries(leaves)) {
    for (const meta of metas) state.get(key)?.delete(meta.phx_ref);
    if (state.get(key)?.size === 0) state.delete(key);
  }
}

const refsOf = (state: PresenceState) =>
  new Map(
    Object.entries(state).map(([key, { metas }]) => [key, new Set(metas.map((m) => m.phx_ref))]),
  );

describe("presence", () => {
  it("gathers a thousand joins within the window into one diff", () => {
    const { clock, diffs, presence } = setUp();
    for (let n = 0; n < 1000; n += 1) presence.add(`user${n}`, { phx_ref: String(n) });
    expect(diffs).toEqual([]);
    clock.advance(50);
    expect(diffs).toHaveLength(1);
    expect(Object.keys(diffs[0]?.joins ?? {})).toHaveLength(1000);
  });

  it("keeps the other metas of a key when one leaves", () => {
    const { presence } = setUp();
    presence.add("ann", { phx_ref: "a" });
    presence.add("ann", { phx_ref: "b" });
    presence.remove("ann", "a");
    expect(presence.state()).toEqual({ ann: { metas: [{ phx_ref: "b" }] } });
  });

  it("ignores the leave of someone unknown", () => {
    const { clock, diffs, presence } = setUp();
    presence.remove("ann", "a");
    clock.advance(100);
    expect(diffs).toEqual([]);
  });

  it("tells diffs in their order, also where the first is decorated last", async () => {
    const clock = new ManualClock();
    const diffs: PresenceDiff[] = [];
    const waiting: (() => void)[] = [];
    const presence = new Presence();
    presence.open({
      clock,
      windowMs: 50,
      publish: (diff) => diffs.push(diff),
      decorate: (state) => new Promise((resolve) => waiting.push(() => resolve(state))),
      onError: () => {},
    });
    for (const key of ["first", "second"]) {
      presence.add(key, { phx_ref: key });
      clock.advance(50);
    }
    for (const decorated of waiting.reverse()) {
      decorated();
      await new Promise(setImmediate);
    }
    expect(diffs.map(({ joins }) => Object.keys(joins))).toEqual([["first"], ["second"]]);
  });

  it("treats __proto__ and constructor as ordinary keys", () => {
    const { presence } = setUp();
    for (const key of ["__proto__", "constructor"]) presence.add(key, { phx_ref: key });
    expect(JSON.stringify(presence.state())).toBe(
      '{"__proto__":{"metas":[{"phx_ref":"__proto__"}]},"constructor":{"metas":[{"phx_ref":"constructor"}]}}',
    );
  });

  it("leaves a presence alone whose phx_ref it knows", () => {
    const { clock, diffs, presence } = setUp();
    expect(presence.add("ann", { phx_ref: "a", n: 1 })).toBe(true);
    clock.advance(50);
    expect(presence.add("ann", { phx_ref: "a", n: 2 })).toBe(false);
    clock.advance(50);
    expect(presence.state()).toEqual({ ann: { metas: [{ phx_ref: "a", n: 1 }] } });
    expect(diffs).toHaveLength(1);
  });

  it("that is gone for a moment only is in no leaves, which are applied last", () => {
    const { clock, diffs, presence } = setUp();
    presence.add("ann", { phx_ref: "a" });
    clock.advance(50);
    presence.remove("ann", "a");
    presence.add("ann", { phx_ref: "a" });
    clock.advance(50);
    expect(diffs[1]).toEqual({ joins: { ann: { metas: [{ phx_ref: "a" }] } }, leaves: {} });
  });

  it("that came and went within the window is told as a leave, for those who have seen it", () => {
    const { clock, diffs, presence } = setUp();
    presence.add("ann", { phx_ref: "a" });
    presence.remove("ann", "a");
    clock.advance(50);
    expect(diffs).toEqual([{ joins: {}, leaves: { ann: { metas: [{ phx_ref: "a" }] } } }]);
  });

  it("is sent as the text of its state, made anew where something has changed", () => {
    const { presence } = setUp();
    const isState = () => {
      const text = JSON.stringify(presence.payload());
      expect(JSON.parse(text)).toEqual(presence.state());
      expect(text).toBe(JSON.stringify(presence.state()));
    };
    isState();
    for (const [index, key] of ["ann", "__proto__", '"', "ann"].entries()) {
      presence.add(key, { phx_ref: `r${index}`, text: "\u2028é" });
      isState();
    }
    presence.remove("ann", "r0");
    isState();
    expect(presence.state()).toMatchObject({ ann: { metas: [{ phx_ref: "r3" }] } });
  });

  it("tells only those changes that come while it is open", () => {
    const { clock, diffs, presence } = setUp();
    presence.close();
    presence.add("ann", { phx_ref: "a" });
    clock.advance(100);
    expect(presence.isIdle).toBe(false);
    presence.remove("ann", "a");
    clock.advance(100);
    expect(diffs).toEqual([]);
    expect(presence.isIdle).toBe(true);
  });

  it("tells nothing after it was closed", () => {
    const { clock, diffs, presence } = setUp();
    presence.add("ann", { phx_ref: "a" });
    presence.close();
    presence.close();
    clock.advance(100);
    expect(diffs).toEqual([]);
  });

  it("leaves every client that has a state and the diffs after it with the truth", () => {
    const step = fc.record({
      isJoin: fc.boolean(),
      key: fc.constantFrom("a", "b", "__proto__"),
      waitMs: fc.constantFrom(0, 0, 20, 60),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, diffs, presence } = setUp();
        const tracked: { key: string; ref: string }[] = [];
        const clients: { seen: number; state: Map<string, Set<string>> }[] = [];
        for (const [index, { isJoin, key, waitMs }] of steps.entries()) {
          if (isJoin) {
            presence.add(key, { phx_ref: String(index) });
            tracked.push({ key, ref: String(index) });
            clients.push({ seen: diffs.length, state: refsOf(presence.state()) });
          } else {
            const gone = tracked.shift();
            if (gone !== undefined) presence.remove(gone.key, gone.ref);
          }
          clock.advance(waitMs);
        }
        clock.advance(100);
        const truth = refsOf(presence.state());
        for (const { seen, state } of clients) {
          for (const diff of diffs.slice(seen)) apply(state, diff);
          expect(state).toEqual(truth);
        }
      }),
    );
  });
});

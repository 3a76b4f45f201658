import { describe, expect, it } from "vitest";
import { JsonText } from "../../../server/json-text.ts";
import { Presence, type PresenceDiff, type PresenceState } from "../../../server/rooms/presence.ts";
import { decorated } from "../../../server/rooms/presence-decoration.ts";
import { Presences } from "../../../server/rooms/presences.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Presences of which those with a key `slow…` are told when they are released. */
function setUp() {
  const clock = new ManualClock();
  const diffs: PresenceDiff[] = [];
  const waiting: (() => void)[] = [];
  const presence = new Presence();
  presence.open({
    clock,
    windowMs: 50,
    publish: (diff) => diffs.push(diff),
    decorate: (state) =>
      Object.keys(state).some((key) => key.startsWith("slow"))
        ? new Promise<PresenceState>((resolve) => waiting.push(() => resolve(state)))
        : state,
    onError: () => {},
  });
  const join = (key: string): void => {
    presence.add(key, { phx_ref: key });
    clock.advance(50);
  };
  const told = (): string[] => diffs.flatMap(({ joins }) => Object.keys(joins));
  return { presence, waiting, join, told };
}

describe("what members are told of presences", () => {
  it("is nothing any more once nobody is there to be told", async () => {
    const { presence, waiting, join, told } = setUp();
    join("slow 1");
    presence.close();
    waiting[0]?.();
    await settle();
    expect(told()).toEqual([]);
  });

  it("is no state where nobody is there to be told", () => {
    const { presence } = setUp();
    presence.close();
    const told: unknown[] = [];
    presence.tell((state) => told.push(state));
    expect(told).toEqual([]);
  });

  it("waits for what came before it and takes longer", async () => {
    const { waiting, join, told } = setUp();
    join("slow 1");
    join("quick");
    expect(told()).toEqual([]);
    waiting[0]?.();
    await settle();
    expect(told()).toEqual(["slow 1", "quick"]);
  });

  it("waits for the last of several that take longer", async () => {
    const { waiting, join, told } = setUp();
    join("slow 1");
    join("slow 2");
    waiting[0]?.();
    await settle();
    join("quick");
    expect(told()).toEqual(["slow 1"]);
    waiting[1]?.();
    await settle();
    expect(told()).toEqual(["slow 1", "slow 2", "quick"]);
  });

  it("comes at once again when all that took longer has been told", async () => {
    const { waiting, join, told } = setUp();
    join("slow 1");
    waiting[0]?.();
    await settle();
    join("quick");
    expect(told()).toEqual(["slow 1", "quick"]);
  });

  it("is not asked for where nobody is present", () => {
    const decorate = (): PresenceState => ({ ann: { metas: [] } });
    expect(decorated({}, { decorate, onError: () => {} })).toEqual({});
  });

  it("is told without what the channel adds where adding it fails later", async () => {
    const errors: unknown[] = [];
    const state = { ann: { metas: [{ phx_ref: "1" }] } };
    const decorate = (): Promise<never> => Promise.reject(new Error("boom"));
    const onError = (error: unknown): void => void errors.push(error);
    expect(await decorated(state, { decorate, onError })).toBe(state);
    expect(errors).toEqual([new Error("boom")]);
  });
});

describe("a room's presences", () => {
  it("are needed while somebody is to be told or somebody is present", () => {
    const { presence } = setUp();
    expect(presence.isIdle).toBe(false);
    presence.close();
    expect(presence.isIdle).toBe(true);
    presence.add("ann", { phx_ref: "1" });
    expect(presence.isIdle).toBe(false);
  });

  it("are the same told without anybody to be told", () => {
    const presence = new Presence();
    presence.add("ann", { phx_ref: "1" });
    expect(presence.told()).toEqual({ ann: { metas: [{ phx_ref: "1" }] } });
    expect(JSON.stringify(presence.payload())).toBe('{"ann":{"metas":[{"phx_ref":"1"}]}}');
  });

  it("are sent as text, which is made once for all, unless the channel adds something", () => {
    const presence = new Presence();
    const clock = new ManualClock();
    presence.open({ clock, windowMs: 50, publish: () => {}, onError: () => {} });
    expect(presence.payload()).toBeInstanceOf(JsonText);
    expect(setUp().presence.payload()).not.toBeInstanceOf(JsonText);
  });

  it("of a room that nobody knows end without harm, and need no other nodes", () => {
    const presences = new Presences();
    presences.close("a");
    presences.remove("a", "ann", "1");
    presences.track("a", "ann", { phx_ref: "1" });
    expect(presences.of("a")?.state()).toEqual({ ann: { metas: [{ phx_ref: "1" }] } });
    presences.untrack("a", "ann", "1");
    expect(presences.of("a")).toBeUndefined();
  });

  it("tell nothing any more once the server stops", () => {
    const clock = new ManualClock();
    const presences = new Presences();
    const diffs: PresenceDiff[] = [];
    presences.open("a", {
      clock,
      windowMs: 50,
      publish: (diff) => diffs.push(diff),
      onError: () => {},
    });
    presences.track("a", "ann", { phx_ref: "1" });
    presences.stop();
    clock.advance(100);
    expect(diffs).toEqual([]);
  });
});

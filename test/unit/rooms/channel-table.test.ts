import { describe, expect, it } from "vitest";
import type { Channel } from "../../../server/rooms/channel.ts";
import { Channels } from "../../../server/rooms/channels.ts";
import type { LogSettings } from "../../../server/rooms/log/log-settings.ts";

const log: LogSettings = { size: 1, ttlMs: 1, whenFull: "trim" };

/** A channel of which only its log and what it intercepts is asked. */
function channel({ keeps = false, event = "" } = {}): Channel {
  return {
    join: () => ({ ok: true, response: {} }),
    joined: () => {},
    push: () => {},
    visit: undefined,
    log: keeps ? log : undefined,
    farewell: () => ({}),
    left: () => {},
    intercepts: (name) => name === event,
    intercept: () => undefined,
    decorate: undefined,
  };
}

const relay = channel({ event: "any" });

describe("the channel of a room", () => {
  it("is the relay while nothing is declared, and then none for the rest", () => {
    const channels = new Channels(relay, undefined, false);
    expect(channels.of("a")).toBe(relay);
    const declared = channel();
    channels.declare("chat:*", declared, false);
    expect(channels.of("chat:1")).toBe(declared);
    expect(channels.of("a")).toBeUndefined();
  });

  it("is the relay for the rest where the settings say so, or never", () => {
    const always = new Channels(relay, true, false);
    always.declare("chat:*", channel(), false);
    expect(always.of("a")).toBe(relay);
    expect(new Channels(relay, false, false).of("a")).toBeUndefined();
  });

  it("is the first that was declared for it", () => {
    const channels = new Channels(relay, undefined, false);
    const [first, second] = [channel(), channel()];
    channels.declare("chat:staff", first, false);
    channels.declare("chat:*", second, false);
    expect([channels.of("chat:staff"), channels.of("chat:1")]).toEqual([first, second]);
    expect(channels.of("chat:staff")).toBe(first);
    expect(channels.of("chat:1")).toBe(second);
  });

  it("is one of the server's own before all others, which leaves the relay in its place", () => {
    const channels = new Channels(relay, undefined, false);
    const [own, declared] = [channel(), channel()];
    channels.declareBuiltIn("c:*", (room) => room === "c:1", own);
    expect(channels.of("c:2")).toBe(relay);
    channels.declare("c:*", declared, false);
    expect(channels.of("c:1")).toBe(own);
    expect(channels.of("c:2")).toBe(declared);
  });
});

describe("the rooms that may keep a log", () => {
  it("are those of the settings, or of a channel with a log", () => {
    expect(new Channels(relay, undefined, true).mayLog).toBe(true);
    const declared = new Channels(relay, undefined, false);
    declared.declare("a:*", channel(), false);
    expect(declared.mayLog).toBe(false);
    declared.declare("b:*", channel({ keeps: true }), false);
    declared.declare("d:*", channel(), false);
    expect(declared.mayLog).toBe(true);
    const builtIn = new Channels(relay, undefined, false);
    builtIn.declareBuiltIn("a:*", () => true, channel());
    expect(builtIn.mayLog).toBe(false);
    builtIn.declareBuiltIn("c:*", () => true, channel({ keeps: true }));
    expect(builtIn.mayLog).toBe(true);
    declared.declareBuiltIn("c:*", () => true, channel({ keeps: true }));
    expect(declared.loggedPatterns()).toEqual(["c:*", "b:*"]);
  });
});

describe("an event that passes by its channel", () => {
  it("is one that the room's channel intercepts, once any channel does", () => {
    const channels = new Channels(relay, true, false);
    expect(channels.intercepts("a", "any")).toBe(false);
    channels.declare("b", channel({ event: "hi" }), true);
    channels.declare("c", channel(), false);
    expect(channels.intercepts("b", "hi")).toBe(true);
    expect(channels.intercepts("b", "ho")).toBe(false);
    expect(channels.intercepts("c", "hi")).toBe(false);
  });

  it("is none in a room that no channel serves", () => {
    const channels = new Channels(relay, false, false);
    channels.declare("b", channel({ event: "hi" }), true);
    expect(channels.intercepts("a", "hi")).toBe(false);
  });
});

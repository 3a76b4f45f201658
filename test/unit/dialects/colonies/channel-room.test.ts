import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  channelRoom,
  isChannelRoom,
  readChannelRoom,
} from "../../../../server/dialects/colonies/channels/channel-room.ts";

const ID = "0123456789abcdef".repeat(4);

describe("The room of a channel", () => {
  it("has the id of the process and the name of the channel", () => {
    expect(channelRoom({ processId: ID, name: "output" })).toBe(`process:${ID}:output`);
  });

  it("is read back, whatever the name is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary-ascii" }), (name) => {
        expect(readChannelRoom(channelRoom({ processId: ID, name }))).toEqual({
          processId: ID,
          name,
        });
      }),
    );
    expect(isChannelRoom(`process:${ID}:a`)).toBe(true);
    expect(readChannelRoom(`process:${ID}:a:b\nc`)).toEqual({ processId: ID, name: "a:b\nc" });
  });

  it.each([
    "process",
    "process:",
    `process:${ID}`,
    `process:${ID}:`,
    `process:${ID.toUpperCase()}:output`,
    `process:${ID.slice(1)}:output`,
    `process:${ID}0:output`,
    `xprocess:${ID}:output`,
    "process:__proto__:output",
  ])("is not %s", (room) => {
    expect(readChannelRoom(room)).toBeUndefined();
    expect(isChannelRoom(room)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { LostRooms } from "../../../server/bus/lost-rooms.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `room:${n}`);

describe("rooms in which broadcasts were lost", () => {
  it("are gathered until they are taken, each once, with the time of the last loss", () => {
    const lost = new LostRooms();
    expect(lost.isEmpty).toBe(true);
    lost.add({ rooms: ["a", "b"], lastMs: 20 });
    lost.add({ rooms: ["b"], lastMs: 10 });
    expect(lost.isEmpty).toBe(false);
    expect(lost.take()).toEqual({ rooms: ["a", "b"], lastMs: 20 });
    expect(lost.isEmpty).toBe(true);
    lost.add({ rooms: ["c"], lastMs: 5 });
    expect(lost.take()).toEqual({ rooms: ["c"], lastMs: 5 });
  });

  it("are all rooms where a broadcast was for everyone", () => {
    const lost = new LostRooms();
    lost.add({ rooms: undefined, lastMs: 1 });
    expect(lost.isEmpty).toBe(false);
    lost.add({ rooms: ["a"], lastMs: 2 });
    expect(lost.take()).toEqual({ rooms: undefined, lastMs: 2 });
    lost.add({ rooms: ["a"], lastMs: 3 });
    expect(lost.take().rooms).toEqual(["a"]);
  });

  it("are all rooms where they are more than a thousand", () => {
    const lost = new LostRooms();
    lost.add({ rooms: numbered(1000), lastMs: 1 });
    expect(lost.take().rooms).toHaveLength(1000);
    lost.add({ rooms: numbered(1001), lastMs: 1 });
    expect(lost.take().rooms).toBeUndefined();
  });
});

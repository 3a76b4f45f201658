import { describe, expect, it } from "vitest";
import type { Member } from "../../../server/rooms/member.ts";
import { collectGarbage } from "../../support/heap.ts";
import { createScene, settle } from "./room-scene.ts";

describe("a member that has left", () => {
  it.each([
    ["whose token lasts for longer", { token: "until" }],
    ["that had no token", {}],
  ])("is not kept in memory: one %s", async (_what, params) => {
    const { rooms, join, leave, connect } = createScene();
    const ann = connect();
    expect(join(ann, "a", params)).toMatchObject([{ status: "ok" }]);
    const refs = [...(rooms.memberships.room("a")?.members ?? [])].map(
      (member) => new WeakRef<Member>(member),
    );
    leave(ann, "a");
    // What a reference was made to is kept until the turn is over.
    await settle();
    collectGarbage();
    expect(refs.map((ref) => ref.deref())).toEqual([undefined]);
    expect(rooms.memberships.size).toBe(0);
  });
});

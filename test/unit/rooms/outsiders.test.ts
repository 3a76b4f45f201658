import { describe, expect, it } from "vitest";
import type { Admit } from "../../../server/rooms/admission.ts";
import { admitUnderEither } from "../../../server/rooms/admission.ts";
import type { Channel } from "../../../server/rooms/channel.ts";
import type { Page } from "../../../server/rooms/log/log-store.ts";
import { createReadLog } from "../../../server/rooms/log/reading.ts";
import type { RoomLogs } from "../../../server/rooms/log/room-logs.ts";
import { judgeOutsider } from "../../../server/rooms/outsiders.ts";
import type { PresenceState } from "../../../server/rooms/presence.ts";
import { createReadPresence } from "../../../server/rooms/presence-reading.ts";

const page: Page = { epoch: "e", offset: 1, first: 1, entries: [] };
const open = { visit: () => ({ status: "ok", response: {} }) } as unknown as Channel;
const closed = { visit: undefined } as unknown as Channel;

const TOO_LONG = "x".repeat(256);

/** A server whose tokens are names of rooms, or `*`, and where `alias` is another name of `open`. */
function createContext() {
  const asked: unknown[] = [];
  const admit: Admit = (room, { joinToken, connectionToken }) => {
    asked.push([room, joinToken, connectionToken]);
    if (joinToken === undefined) return { ok: false, code: "token_missing" };
    if (joinToken !== "*" && joinToken !== room) return { ok: false, code: "room_forbidden" };
    return { ok: true, id: "ann", expiresAtMs: undefined };
  };
  const aliases = new Map([
    ["alias", "open"],
    ["trap", "socket-id"],
    [TOO_LONG, "open"],
    ["void", ""],
  ]);
  const reads: unknown[] = [];
  const logs = {
    keeps: (room: string) => room !== "unlogged",
    read: (...read: unknown[]) => {
      reads.push(read);
      return read[1] === 404 ? undefined : page;
    },
  } as unknown as RoomLogs;
  const rooms = {
    channels: {
      of: (room: string) => {
        if (room === "nowhere") return undefined;
        return room === "closed" ? closed : open;
      },
    },
    roomOf: (name: string) => aliases.get(name) ?? name,
    isPrivate: (room: string) => room === "socket-id",
    logs,
    tracking: { list: async (room: string): Promise<PresenceState> => ({ [room]: { metas: [] } }) },
  };
  return { context: { admit, rooms }, asked, reads };
}

describe("somebody who asks about a room without being in it", () => {
  it("is judged by the token for that room", () => {
    const { context, asked } = createContext();
    expect(judgeOutsider(context, { room: "open", token: "open" })).toEqual({
      ok: true,
      room: "open",
      channel: open,
    });
    expect(asked).toEqual([["open", "open", undefined]]);
  });

  it("may name the room by either of its names, and have a token for either", () => {
    const { context } = createContext();
    const room = { ok: true, room: "open" };
    expect(judgeOutsider(context, { room: "alias", token: "open" })).toMatchObject(room);
    expect(judgeOutsider(context, { room: "alias", token: "alias" })).toMatchObject(room);
  });

  it.each([
    ["", "*", "room_name_invalid"],
    ["phoenix", "*", "room_unmatched"],
    ["socket-id", "*", "room_forbidden"],
    ["trap", "*", "room_forbidden"],
    ["void", "*", "room_name_invalid"],
    [TOO_LONG, "*", "room_name_invalid"],
    ["open", undefined, "token_missing"],
    ["open", "other", "room_forbidden"],
    ["nowhere", "*", "room_unmatched"],
  ])("of the room %j with the token %j is refused: %s", (room, token, code) => {
    const { context, reads } = createContext();
    const refused = { ok: false, code };
    expect(judgeOutsider(context, { room, token })).toEqual(refused);
    expect(createReadLog(context)({ room, token, after: 0, limit: 1 })).toEqual(refused);
    expect(createReadPresence(context)({ room, token })).toEqual(refused);
    expect(reads).toEqual([]);
  });

  it("reads the log of an open room, and is told where there is none", () => {
    const { context, reads } = createContext();
    const read = (room: string, after = 3) =>
      createReadLog(context)({ room, token: "*", after, limit: 9 });
    expect(read("alias")).toEqual({ ok: true, page });
    expect(reads).toEqual([["open", 3, 9]]);
    expect(read("unlogged")).toEqual({ ok: false, code: "log_missing" });
    expect(read("closed")).toEqual({ ok: false, code: "log_private" });
    expect(read("open", 404)).toEqual({ ok: false, code: "log_unavailable" });
  });

  it("is told who is in an open room, and not who is in a closed one", async () => {
    const { context } = createContext();
    const read = createReadPresence(context);
    expect(await read({ room: "alias", token: "*" })).toEqual({
      ok: true,
      presences: { open: { metas: [] } },
    });
    expect(read({ room: "closed", token: "*" })).toEqual({ ok: false, code: "presence_private" });
  });
});

describe("a room with two names", () => {
  const missing: Admit = () => ({ ok: false, code: "token_missing" });

  it("is not asked for under the other name where no token would help", () => {
    let count = 0;
    const admit: Admit = (room, credentials) => {
      count += 1;
      return missing(room, credentials);
    };
    const credentials = { joinToken: undefined, connectionToken: undefined };
    expect(admitUnderEither(admit, ["a", "b"], credentials)).toEqual({
      ok: false,
      code: "token_missing",
    });
    expect(count).toBe(1);
  });

  it("is asked for once where both names are the same", () => {
    const asked: string[] = [];
    const admit: Admit = (room) => {
      asked.push(room);
      return { ok: false, code: "room_forbidden" };
    };
    const credentials = { joinToken: "t", connectionToken: undefined };
    admitUnderEither(admit, ["a", "a"], credentials);
    expect(asked).toEqual(["a"]);
    admitUnderEither(admit, ["a", "b"], credentials);
    expect(asked).toEqual(["a", "a", "b"]);
  });
});

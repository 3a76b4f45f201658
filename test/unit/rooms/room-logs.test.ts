import type { Adapter } from "socket.io-adapter";
import { PacketType } from "socket.io-parser";
import { describe, expect, it, vi } from "vitest";
import { EntryMeta } from "../../../server/entry-meta.ts";
import { JsonText } from "../../../server/json-text.ts";
import type { Entry } from "../../../server/rooms/log/entry.ts";
import type { LogStore, UnloggedReason } from "../../../server/rooms/log/log-store.ts";
import {
  createDeliver,
  type RecordedBroadcast,
  RoomLogs,
} from "../../../server/rooms/log/room-logs.ts";
import type { Member } from "../../../server/rooms/member.ts";

const entry: Entry = { offset: 7, event: "said", payload: new JsonText("1"), atMs: 5, bytes: 1 };

/** Logs of the rooms whose names begin with `log:`, over a store that keeps what it is told. */
function createLogs(reason?: UnloggedReason | "broken") {
  const told: unknown[] = [];
  const store: LogStore = {
    append: (room, draft, { except, isEverywhere }) => {
      told.push([room, draft.event, draft.payload, [...except], isEverywhere]);
      if (reason === "broken") return Promise.reject(new Error("broken"));
      return reason === undefined
        ? { ok: true, offset: 1, isRepeated: false }
        : { ok: false, reason };
    },
    open: (room, after, use) => {
      told.push(["open", room, after]);
      return use({ epoch: "e", offset: 7, first: 7, entries: [entry] });
    },
    read: (...asked) => {
      told.push(["read", ...asked]);
      return undefined;
    },
    forget: (...asked) => void told.push(["forget", ...asked]),
    stop: () => void told.push("stop"),
  };
  const lost: unknown[] = [];
  const logs = new RoomLogs({
    store,
    keeps: (room) => room.startsWith("log:"),
    spareBytes: () => 1_000_000,
    intercept: (_member, event, payload) =>
      event === "secret" ? undefined : { payload: ["changed", payload] },
    onLost: (...what) => lost.push(what),
  });
  return { logs, told, lost };
}

/** A broadcast of `said` to one room, but for what is given. */
function broadcast(packet: object = {}, audience: object = {}): RecordedBroadcast {
  return {
    packet: { data: ["said", { n: 1 }], ...packet },
    audience: { rooms: new Set(["log:a"]), ...audience },
  };
}

describe("a broadcast into a room with a log", () => {
  it("is logged, and sent from there to all but those whom it leaves out", () => {
    const { logs, told } = createLogs();
    expect(logs.record(broadcast({}, { except: new Set(["x"]), flags: {} }))).toBe(true);
    expect(logs.record(broadcast({ data: ["said"] }))).toBe(true);
    expect(told).toEqual([
      ["log:a", "said", new JsonText('{"n":1}'), ["x"], false],
      ["log:a", "said", new JsonText("{}"), [], false],
    ]);
  });

  it.each([
    ["to several rooms", broadcast({}, { rooms: new Set(["log:a", "log:b"]) })],
    ["to everybody", broadcast({}, { rooms: new Set() })],
    ["to a room without a log", broadcast({}, { rooms: new Set(["a"]) })],
    ["that wants answers", broadcast({ id: 0 })],
    ["that may be lost", broadcast({}, { flags: { volatile: true } })],
    ["of this node alone", broadcast({}, { flags: { local: true } })],
    ["of no event", broadcast({ data: undefined })],
    ["of who is present", broadcast({ data: ["presence_diff", {}] })],
    ["that cannot be kept", broadcast({ data: ["said", { a: new Uint8Array(1) }] })],
  ])("is not logged where it is one %s", (_what, given) => {
    const { logs, told } = createLogs();
    expect(logs.record(given)).toBe(false);
    expect(told).toEqual([]);
  });

  it("that could not be logged is told of, with the reason", () => {
    const { logs, lost } = createLogs("full");
    expect(logs.record(broadcast())).toBe(true);
    expect(lost).toEqual([["log:a", "said", "full"]]);
    const good = createLogs();
    good.logs.record(broadcast());
    expect(good.lost).toEqual([]);
  });

  it("that could not be logged for a reason nobody thought of is told of, too", async () => {
    const { logs, lost } = createLogs("broken");
    expect(logs.record(broadcast())).toBe(true);
    await vi.waitFor(() => expect(lost).toEqual([["log:a", "said", "unavailable"]]));
  });
});

describe("what every node has got for a room", () => {
  it("is logged once for all, and left to go on where that is impossible", () => {
    const { logs, told } = createLogs();
    expect(logs.recordFromEverywhere("log:a", "said", 1)).toBe(true);
    expect(told).toEqual([["log:a", "said", new JsonText("1"), [], true]]);
    expect(logs.recordFromEverywhere("a", "said", 1)).toBe(false);
    expect(logs.recordFromEverywhere("log:a", "said", { a: new Uint8Array(1) })).toBe(false);
    expect(told).toHaveLength(1);
  });
});

it("server code's message is logged for all but those whom it leaves out", () => {
  const { logs, told } = createLogs();
  const draft = { event: "said", payload: new JsonText("1") };
  void logs.append("log:a", draft);
  void logs.append("log:a", draft, ["x"]);
  expect(told).toEqual([
    ["log:a", "said", new JsonText("1"), [], false],
    ["log:a", "said", new JsonText("1"), ["x"], false],
  ]);
});

it("a log is read, dropped and stopped where it is kept", () => {
  const { logs, told } = createLogs();
  expect(logs.read("log:a", 3, 9)).toBeUndefined();
  void logs.forget("log:a", 1000);
  logs.stop();
  expect(told).toEqual([["read", "log:a", 3, 9], ["forget", "log:a", 1000], "stop"]);
});

describe("a member that comes back", () => {
  /** A member that says where it is in the log, and what it is sent. */
  function memberAt(position: unknown) {
    const sent: unknown[][] = [];
    const socket = { emit: (...event: unknown[]) => sent.push(event) };
    const intercepts = (event: string) => event !== "said";
    const member = {
      room: "log:a",
      peer: { socket },
      params: { position },
      channel: { intercepts },
    } as unknown as Member;
    return { member, sent };
  }

  it("opens the log where it says that it is", () => {
    const { logs, told } = createLogs();
    const { member } = memberAt({ since: 6, epoch: "e" });
    const recovery = logs.open(member, ({ response, missed }) => [response, missed]);
    expect(recovery).toEqual([{ recovered: true, offset: 7, epoch: "e" }, [entry]]);
    expect(told).toEqual([["open", "log:a", 6]]);
  });

  it.each(["invalid", undefined])("asks for nothing where it says %j", (position) => {
    const { logs, told } = createLogs();
    const { member } = memberAt(position);
    expect(logs.open(member, ({ response }) => response)).toEqual({ offset: 7, epoch: "e" });
    expect(told).toEqual([["open", "log:a", undefined]]);
  });

  it("gets the entries as they would have come: as they are, changed, or not at all", () => {
    const { logs } = createLogs();
    const { member, sent } = memberAt(undefined);
    const [secret, other] = [
      { ...entry, event: "secret" },
      { ...entry, event: "other", offset: 9 },
    ];
    logs.replay(member, [entry, secret, other]);
    expect(sent).toEqual([
      ["said", new JsonText("1"), new EntryMeta("log:a", entry)],
      ["other", ["changed", new JsonText("1")], new EntryMeta("log:a", other)],
    ]);
    expect(sent[1]?.[2]).toHaveProperty("offset", 9);
  });
});

describe("an entry on its way to this node's members", () => {
  it("is a broadcast of this node alone, with its place in the log", () => {
    const broadcasts: unknown[][] = [];
    const adapter = {
      rooms: new Map([["log:a", new Set(["s"])]]),
      broadcast: (...given: unknown[]) => broadcasts.push(given),
    } as unknown as Adapter;
    const deliver = createDeliver(adapter);
    deliver("log:b", entry, []);
    expect(broadcasts).toEqual([]);
    deliver("log:a", entry, ["x"]);
    expect(broadcasts).toEqual([
      [
        {
          type: PacketType.EVENT,
          data: ["said", entry.payload, new EntryMeta("log:a", entry)],
        },
        { rooms: new Set(["log:a"]), except: new Set(["x"]), flags: { local: true } },
      ],
    ]);
  });
});

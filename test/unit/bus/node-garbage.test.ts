import { MessageType } from "socket.io-adapter";
import { describe, expect, it } from "vitest";
import {
  areRoomNames,
  isAudience,
  isEventList,
  isEventPacket,
  isNodeMessage,
} from "../../../server/bus/cluster-message.ts";

const opts = { rooms: ["a"] };

/** A message of a node in the namespace `/`. */
function message(type: MessageType, data: unknown, uid: unknown = "node") {
  return { uid, nsp: "/", type, data };
}

function isTaken(type: MessageType, data: unknown, uid?: unknown): boolean {
  return isNodeMessage(message(type, data, uid), "/");
}

describe("the name of a node or of a question", () => {
  it.each([
    ["100 characters", "x".repeat(100), true],
    ["101 characters", "x".repeat(101), false],
    ["no characters", "", false],
    ["a number", 7, false],
  ])("may be %s: %s", (_what, id, expected) => {
    expect(isTaken(MessageType.DISCONNECT_SOCKETS, { opts }, id)).toBe(expected);
    expect(isTaken(MessageType.BROADCAST_ACK, { requestId: id })).toBe(expected);
    expect(isTaken(MessageType.SERVER_SIDE_EMIT_RESPONSE, { requestId: id })).toBe(expected);
    expect(isTaken(MessageType.SERVER_SIDE_EMIT, { packet: ["hi"], requestId: id })).toBe(expected);
  });
});

describe("a packet of a broadcast", () => {
  it.each([
    ["an event", { type: 2, nsp: "/", data: ["hi"] }, true],
    ["an event with bytes", { type: 5, nsp: "/", data: ["hi"] }, true],
    ["an event without a namespace", { type: 2, data: ["hi"] }, true],
    ["an event of another namespace", { type: 2, nsp: "/other", data: ["hi"] }, false],
    ["an answer", { type: 3, nsp: "/", data: ["hi"] }, false],
    ["nothing", undefined, false],
    ["null", null, false],
    ["text", "hi", false],
  ])("is %s: %#", (_what, packet, expected) => {
    expect(isEventPacket(packet, "/")).toBe(expected);
  });

  it.each([
    "connect",
    "connect_error",
    "connection",
    "disconnect",
    "disconnecting",
    "error",
    "newListener",
    "new_namespace",
    "removeListener",
  ])("never has Socket.IO's own event %s", (event) => {
    expect(isEventList([event])).toBe(false);
  });

  it("has an event whose name is text, which may be empty", () => {
    expect([isEventList([""]), isEventList([7]), isEventList("hi")]).toEqual([true, false, false]);
  });
});

describe("whom a broadcast is for", () => {
  const names = (count: number) => Array.from({ length: count }, () => "a");

  it.each([
    ["rooms alone", { rooms: ["a"] }, true],
    ["rooms but for some", { rooms: ["a"], except: ["b"] }, true],
    ["no flags", { rooms: [], flags: undefined }, true],
    ["flags that are null", { rooms: [], flags: null }, true],
    ["flags", { rooms: [], flags: { volatile: true } }, true],
    ["10,000 rooms", { rooms: names(10_000) }, true],
    ["10,001 rooms", { rooms: names(10_001) }, false],
    ["flags that are text", { rooms: [], flags: "volatile" }, false],
    ["flags that are a list", { rooms: [], flags: [] }, false],
    ["exceptions that are null", { rooms: [], except: null }, false],
    ["exceptions that are no names", { rooms: [], except: [7] }, false],
    ["some names and a number", { rooms: ["a", 7] }, false],
    ["nothing", undefined, false],
    ["text", "a", false],
  ])("may be %s: %#", (_what, audience, expected) => {
    expect(isAudience(audience)).toBe(expected);
  });
});

describe("rooms that another node may make sockets join", () => {
  it("are such that a client can name, all of them", () => {
    expect(areRoomNames(["a", "b"])).toBe(true);
    expect(areRoomNames(["a", ""])).toBe(false);
    expect(areRoomNames(["", "a"])).toBe(false);
    expect(areRoomNames("a")).toBe(false);
    expect(isTaken(MessageType.SOCKETS_LEAVE, { opts, rooms: ["b"] })).toBe(true);
    expect(isTaken(MessageType.SOCKETS_JOIN, { rooms: ["b"] })).toBe(false);
  });
});

describe("an answer of a node", () => {
  const requestId = "1";

  it("to a broadcast says how many clients it went to", () => {
    expect(isTaken(MessageType.BROADCAST_CLIENT_COUNT, { requestId, clientCount: 3 })).toBe(true);
    expect(isTaken(MessageType.BROADCAST_CLIENT_COUNT, { requestId, clientCount: 1.5 })).toBe(
      false,
    );
    expect(isTaken(MessageType.BROADCAST_CLIENT_COUNT, { requestId })).toBe(false);
    expect(isTaken(MessageType.BROADCAST_CLIENT_COUNT, { clientCount: 3 })).toBe(false);
  });

  it("to a question for sockets has a list of them", () => {
    const type = MessageType.FETCH_SOCKETS_RESPONSE;
    expect(isTaken(type, { requestId, sockets: [] })).toBe(true);
    expect(isTaken(type, { requestId, sockets: [{}, 7] })).toBe(false);
    expect(isTaken(type, { requestId, sockets: {} })).toBe(false);
    expect(isTaken(type, { sockets: [{}] })).toBe(false);
  });
});

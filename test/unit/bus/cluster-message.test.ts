import fc from "fast-check";
import { MessageType } from "socket.io-adapter";
import { describe, expect, it } from "vitest";
import { isNodeMessage } from "../../../server/bus/cluster-message.ts";

const opts = { rooms: ["a"], except: [], flags: {} };
const packet = { type: 2, nsp: "/", data: ["hi", { n: 1 }] };
const from = { uid: "node", nsp: "/" };

const broadcast = (data: object): unknown => ({ ...from, type: MessageType.BROADCAST, data });

describe("a message between nodes", () => {
  it.each([
    ["a broadcast", broadcast({ packet, opts })],
    ["a broadcast on several channels", broadcast({ packet, opts, once: "1" })],
    ["a broadcast that wants answers", broadcast({ packet, opts, requestId: "1" })],
    [
      "a join of sockets",
      { ...from, type: MessageType.SOCKETS_JOIN, data: { opts, rooms: ["b"] } },
    ],
    ["an end of sockets", { ...from, type: MessageType.DISCONNECT_SOCKETS, data: { opts } }],
    ["a question", { ...from, type: MessageType.FETCH_SOCKETS, data: { opts, requestId: "1" } }],
    [
      "an event for the servers",
      { ...from, type: MessageType.SERVER_SIDE_EMIT, data: { packet: ["hi"] } },
    ],
    [
      "an answer",
      {
        ...from,
        type: MessageType.FETCH_SOCKETS_RESPONSE,
        data: { requestId: "1", sockets: [{}] },
      },
    ],
  ])("is %s", (_what, message) => {
    expect(isNodeMessage(message, "/")).toBe(true);
  });

  it.each([
    ["nothing", null],
    ["a number", 5],
    ["a list", [from]],
    ["without a node", { nsp: "/", type: 3, data: { packet, opts } }],
    ["of a node with a very long name", { ...from, uid: "x".repeat(101), type: 3, data: {} }],
    ["of another namespace", { ...from, nsp: "/other", type: 3, data: { packet, opts } }],
    ["of no kind", { ...from, type: 99, data: {} }],
    ["without data", { ...from, type: MessageType.BROADCAST }],
    ["a broadcast without rooms", broadcast({ packet, opts: { except: [] } })],
    ["a broadcast to rooms without names", broadcast({ packet, opts: { ...opts, rooms: [7] } })],
    ["a broadcast to too many", broadcast({ packet, opts: { rooms: Array(10_001).fill("a") } })],
    ["a broadcast whose name is a number", broadcast({ packet, opts, once: 1 })],
    ["a broadcast with a very long name", broadcast({ packet, opts, once: "x".repeat(101) })],
    ["a broadcast of no event", broadcast({ packet: { ...packet, data: [] }, opts })],
    ["a broadcast of Socket.IO's own event", broadcast({ packet: { data: ["connect"] }, opts })],
    ["a packet that is no event", broadcast({ packet: { ...packet, type: 0 }, opts })],
    [
      "a join of a room that no client can name",
      { ...from, type: MessageType.SOCKETS_JOIN, data: { opts, rooms: ["\u0000id:ann"] } },
    ],
    [
      "Socket.IO's own event for the servers",
      { ...from, type: MessageType.SERVER_SIDE_EMIT, data: { packet: ["connection", {}] } },
    ],
    [
      "a question without a number",
      { ...from, type: MessageType.FETCH_SOCKETS, data: { opts, requestId: 1 } },
    ],
    [
      "an answer without sockets",
      { ...from, type: MessageType.FETCH_SOCKETS_RESPONSE, data: { requestId: "1", sockets: [1] } },
    ],
  ])("is not %s", (_what, message) => {
    expect(isNodeMessage(message, "/")).toBe(false);
  });

  it("is told from anything else without throwing", () => {
    fc.assert(
      fc.property(fc.anything(), fc.integer({ min: 0, max: 14 }), (data, type) => {
        expect(typeof isNodeMessage({ ...from, type, data }, "/")).toBe("boolean");
        expect(isNodeMessage(data, "/")).toBe(false);
      }),
    );
  });
});

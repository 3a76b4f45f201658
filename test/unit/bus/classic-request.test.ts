import { describe, expect, it } from "vitest";
import { ClassicRequest, isClassicRequest } from "../../../server/bus/classic-request.ts";

const opts = { rooms: ["a"], except: [] };
const packet = { type: 2, nsp: "/", data: ["hi"] };

describe("a request of a node with the classic adapter", () => {
  it.each([
    ["who is there", { type: ClassicRequest.SOCKETS, requestId: "1", rooms: ["a"] }],
    ["which rooms there are", { type: ClassicRequest.ALL_ROOMS, requestId: "1" }],
    ["a join", { type: ClassicRequest.JOIN, opts, rooms: ["b"] }],
    ["a leave", { type: ClassicRequest.LEAVE, opts, rooms: ["b"] }],
    ["an end", { type: ClassicRequest.DISCONNECT, opts }],
    ["sockets", { type: ClassicRequest.FETCH, requestId: "1", opts }],
    ["an event for servers", { type: ClassicRequest.SERVER_SIDE_EMIT, data: ["hi"] }],
    ["acknowledgements", { type: ClassicRequest.BROADCAST, requestId: "1", opts, packet }],
  ])("asks for %s", (_what, request) => {
    expect(isClassicRequest(request, "/")).toBe(true);
  });

  it.each([
    ["no kind", {}],
    ["an unknown kind", { type: 8, requestId: "1" }],
    ["a join of a room that no client can name", { type: 2, opts, rooms: ["\u0000id:ann"] }],
    ["a join of one socket by its id, as before version 7", { type: 2, sid: "x", room: "a" }],
    ["a list of sockets for nobody", { type: ClassicRequest.FETCH, opts }],
    ["Socket.IO's own event", { type: ClassicRequest.SERVER_SIDE_EMIT, data: ["connection", {}] }],
    [
      "acknowledgements of no event",
      { type: ClassicRequest.BROADCAST, requestId: "1", opts, packet: { type: 0, data: [] } },
    ],
    [
      "acknowledgements in another namespace",
      { type: ClassicRequest.BROADCAST, requestId: "1", opts, packet: { ...packet, nsp: "/x" } },
    ],
  ])("does not ask for %s", (_what, request) => {
    expect(isClassicRequest(request, "/")).toBe(false);
  });
});

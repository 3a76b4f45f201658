import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodePayload,
  encodePayload,
  fromChannel,
  isDisconnect,
  readDisconnect,
  splitTarget,
  toChannel,
} from "../../../server/bus/message.ts";
import { JsonText, jsonTextOf, payloadValue } from "../../../server/json-text.ts";

const name = fc.stringMatching(/^[A-Za-z0-9äöü*?[\]{} .-]{1,40}$/);

describe("a Redis channel", () => {
  it("is split at its last colon", () => {
    expect(splitTarget("to:weather:wind:update")).toEqual({
      room: "weather:wind",
      event: "update",
    });
  });

  it("carries any room and event, and any JSON object, there and back", () => {
    const room = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(":"));
    const payload = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(room, name, payload, (roomName, event, value) => {
        fc.pre(roomName !== "phoenix");
        expect(splitTarget(toChannel(roomName, event))).toEqual({ room: roomName, event });
        const bytes = Buffer.from(encodePayload(value));
        const decoded = decodePayload(bytes);
        expect(decoded).toBeInstanceOf(JsonText);
        expect(jsonTextOf(decoded)).toBe(bytes.toString());
        expect(payloadValue(decoded)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("ends connections if its last part is disconnect, whatever the id", () => {
    expect(isDisconnect("to:users:7:disconnect")).toBe(true);
    expect(readDisconnect("to:users:7:disconnect")).toBe("users:7");
    expect(readDisconnect("to::disconnect")).toBeUndefined();
    expect(isDisconnect("to:users:7:disconnected")).toBe(false);
  });

  it("of what a client sent is from:<room>:<event>", () => {
    expect(fromChannel("weather:wind", "upd")).toBe("from:weather:wind:upd");
  });

  it("and payload of any bytes are read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.uint8Array(), (channel, bytes) => {
        splitTarget(`to:${channel}`);
        readDisconnect(`to:${channel}`);
        decodePayload(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});

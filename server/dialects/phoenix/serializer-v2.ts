import { isBytes } from "../../rooms/payload.ts";
import { decodeBinary, encodeBinaryBroadcast, encodeBinaryPush } from "./binary-codec.ts";
import { decodeText, encodeReply, encodeText } from "./codec.ts";
import type { Serializer } from "./serializer.ts";

/** `vsn` 2.0.x: arrays as text, and payloads of bytes in binary frames. */
export const serializerV2: Serializer = {
  encoding: "phoenix-2",
  decode: (data) => (typeof data === "string" ? decodeText(data) : decodeBinary(data)),
  encodeReply,
  encodePush: (joinRef, topic, event, payload) =>
    isBytes(payload)
      ? encodeBinaryPush(String(joinRef ?? ""), topic, event, payload)
      : encodeText(joinRef, null, topic, event, payload ?? {}),
  encodeEnd: (joinRef, topic, event, payload) =>
    encodeText(joinRef, joinRef, topic, event, payload ?? {}),
  // Null refs, so that the frame is the same for every member; phoenix.js takes it on any join.
  encodeBroadcast: (topic, event, payload) =>
    isBytes(payload)
      ? encodeBinaryBroadcast(topic, event, payload)
      : encodeText(null, null, topic, event, payload ?? {}),
};

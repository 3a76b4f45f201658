import { isBytes } from "../../rooms/payload.ts";
import { binaryReplyRefused } from "../../rooms/undeliverable.ts";
import {
  decodeBinary,
  encodeBinaryBroadcast,
  encodeBinaryPush,
  encodeBinaryReply,
} from "./binary-codec.ts";
import { decodeText, encodeReply, encodeText } from "./codec.ts";
import type { Serializer } from "./serializer.ts";
import { textOnly } from "./text-only.ts";

/** `vsn` 2.0.x: arrays as text, and payloads of bytes in binary frames. */
export const serializerV2: Serializer = {
  encoding: "phoenix-2",
  decode: (data) => (typeof data === "string" ? decodeText(data) : decodeBinary(data)),
  encodeReply: (joinRef, ref, topic, reply) => {
    if (!isBytes(reply.response)) return encodeReply(joinRef, ref, topic, reply);
    const fields = [joinRef ?? "", ref ?? "", topic, reply.status].map(String);
    return (
      encodeBinaryReply(fields, reply.response) ??
      encodeReply(joinRef, ref, topic, binaryReplyRefused())
    );
  },
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

/** V2 over a carrier that has no binary frames for the client. What it sends may be binary. */
export const serializerV2Text: Serializer = textOnly("phoenix-2-text", serializerV2);

import { decodeObject, encodeObject } from "./codec-v1.ts";
import type { Serializer } from "./serializer.ts";
import { textOnly } from "./text-only.ts";

/** `vsn` 1.0.x: objects as text. It has no frame for bytes. */
export const serializerV1: Serializer = textOnly("phoenix-1", {
  decode: decodeObject,
  encodeReply: (_joinRef, ref, topic, reply) => encodeObject(topic, "phx_reply", reply, ref),
  encodePush: (_joinRef, topic, event, payload) => encodeObject(topic, event, payload ?? {}, null),
  // V1 clients tell by this ref whether the end is that of their present join.
  encodeEnd: (joinRef, topic, event, payload) => encodeObject(topic, event, payload ?? {}, joinRef),
  encodeBroadcast: (topic, event, payload) => encodeObject(topic, event, payload ?? {}, null),
});

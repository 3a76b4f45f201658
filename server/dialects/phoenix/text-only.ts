import { isBytes } from "../../rooms/payload.ts";
import { binaryReplyRefused, UNDELIVERABLE, undeliverable } from "../../rooms/undeliverable.ts";
import type { Serializer } from "./serializer.ts";

/** Makes of a serializer one that never sends bytes: its client is told of them instead. */
export function textOnly(encoding: string, serializer: Omit<Serializer, "encoding">): Serializer {
  return {
    encoding,
    decode: serializer.decode,
    encodeReply: (joinRef, ref, topic, reply) =>
      serializer.encodeReply(
        joinRef,
        ref,
        topic,
        isBytes(reply.response) ? binaryReplyRefused() : reply,
      ),
    encodePush: (joinRef, topic, event, payload) =>
      isBytes(payload)
        ? serializer.encodePush(joinRef, topic, UNDELIVERABLE, undeliverable(event, payload))
        : serializer.encodePush(joinRef, topic, event, payload),
    encodeEnd: serializer.encodeEnd,
    encodeBroadcast: (topic, event, payload) =>
      isBytes(payload)
        ? serializer.encodeBroadcast(topic, UNDELIVERABLE, undeliverable(event, payload))
        : serializer.encodeBroadcast(topic, event, payload),
  };
}

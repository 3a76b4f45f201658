import { JsonText } from "../json-text.ts";
import { payloadKind } from "../rooms/payload.ts";

/** What makes bytes of the messages that nodes send each other, and the other way round. */
export interface NodeParser {
  encode(message: unknown): unknown;
  decode(bytes: unknown): unknown;
}

/** A field of the packet itself, where no argument of an `emit` ends up. */
const MARK = "jsonText";

/**
 * Lets a {@link JsonText} reach other nodes as the text that it is: it travels as a string, and its
 * packet is marked. Without this, its value would travel, and numbers could change.
 *
 * `decode` throws at a marked packet whose payload is no JSON text, or is nested too deeply: no
 * member's frame may break because of what somebody writes to Redis.
 *
 * @param parser is used for all the rest
 * @param ownId what this node's own messages begin with; it ignores them, so they are not checked
 */
export function keepJsonText(parser: NodeParser, ownId: unknown): NodeParser {
  return {
    encode: (message) => parser.encode(withPacket(message, markJsonText)),
    decode: (bytes) => {
      const message = parser.decode(bytes);
      const isOwn = Array.isArray(message) && message[0] === ownId;
      return isOwn ? message : withPacket(message, restoreJsonText);
    },
  };
}

/** A broadcast is `[node, packet, options]`; other messages stay as they are. */
function withPacket(message: unknown, change: (packet: object) => object): unknown {
  if (!Array.isArray(message)) return message;
  const [node, packet, ...rest]: unknown[] = message;
  if (typeof packet !== "object" || packet === null) return message;
  return [node, change(packet), ...rest];
}

/** A packet that can travel as JSON; one with a {@link JsonText} is marked. */
export function markJsonText(packet: object): object {
  const { event, payload, rest } = dataOf(packet);
  if (!(payload instanceof JsonText)) return packet;
  return { ...packet, data: [event, payload.text, ...rest], [MARK]: true };
}

/**
 * A packet as it was before {@link markJsonText}.
 *
 * @throws Error if it is marked and its payload is no JSON text
 */
export function restoreJsonText(packet: object): object {
  if (!Object.hasOwn(packet, MARK)) return packet;
  const { event, payload, rest } = dataOf(packet);
  if (typeof payload !== "string") throw new Error("a marked payload is no text");
  const text = new JsonText(payload);
  if (payloadKind(text) !== "json") throw new Error("a marked payload is nested too deeply");
  return { ...packet, data: [event, text, ...rest] };
}

function dataOf(packet: object): { event: unknown; payload: unknown; rest: unknown[] } {
  const data: unknown = "data" in packet ? packet.data : undefined;
  const [event, payload, ...rest]: unknown[] = Array.isArray(data) ? data : [];
  return { event, payload, rest };
}

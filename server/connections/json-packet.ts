import { type Packet, PacketType } from "socket.io-parser";
import { EntryMeta } from "../entry-meta.ts";
import { JsonText } from "../json-text.ts";

/** Stands for the payload while the packet around it is encoded. */
const PLACE = 0;

/** The payload of an event whose publisher's text must be kept, if it is one. */
export function jsonTextIn({ type, data }: Packet): JsonText | undefined {
  if (type !== PacketType.EVENT || !Array.isArray(data)) return undefined;
  const payload: unknown = data[1];
  return payload instanceof JsonText ? payload : undefined;
}

/**
 * The encoded packet of a log's entry, of whose arguments all is known: it needs no search for
 * bytes. Undefined for any other packet.
 */
export function encodeEntry({ nsp, id, data }: Packet, { text }: JsonText): string | undefined {
  const [event, , meta]: unknown[] = data;
  if (!(meta instanceof EntryMeta) || nsp !== "/" || id !== undefined) return undefined;
  return `${PacketType.EVENT}[${JSON.stringify(event)},${text},${JSON.stringify(meta)}]`;
}

/** The packet with a number in the place of its payload. */
export function withoutPayload(packet: Packet): Packet {
  const [event, , ...rest]: unknown[] = packet.data;
  return { ...packet, data: [event, PLACE, ...rest] };
}

/** Puts the text of the payload into the encoded packet. */
export function withPayload(encoded: string, packet: Packet, { text }: JsonText): string {
  const [event]: unknown[] = packet.data;
  const before = `[${JSON.stringify(event)},`;
  const start = encoded.indexOf(before) + before.length;
  return encoded.slice(0, start) + text + encoded.slice(start + `${PLACE}`.length);
}

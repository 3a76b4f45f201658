import { type Packet, PacketType } from "socket.io-parser";
import { EntryMeta } from "../entry-meta.ts";

/** The event that a packet carries. */
export interface OutgoingEvent {
  readonly name: string;
  readonly payload: unknown;
  /** Named by the sender, else known only from the broadcast's rooms. */
  readonly room: string | undefined;
  /** What the room's log says of it; undefined where it is in none. */
  readonly entry: EntryMeta | undefined;
}

/** Reads the event out of a packet, or undefined if it carries none. */
export function eventOf(packet: Packet): OutgoingEvent | undefined {
  if (packet.type !== PacketType.EVENT) return undefined;
  const data: unknown = packet.data;
  if (!Array.isArray(data)) return undefined;
  const [name, payload, meta]: unknown[] = data;
  if (typeof name !== "string") return undefined;
  const entry = meta instanceof EntryMeta ? meta : undefined;
  return { name, payload, room: roomOf(meta), entry };
}

function roomOf(meta: unknown): string | undefined {
  if (typeof meta !== "object" || meta === null || !("room" in meta)) return undefined;
  return typeof meta.room === "string" ? meta.room : undefined;
}

import { isRoomName } from "../rooms/names.ts";

/** What a node tells the others of broadcasts that it could not send. */
export interface LossMessage {
  /** Names the node that tells. */
  readonly node: string;
  /** Counts what it tells, from 1: who repeats what it has said is not heard. */
  readonly number: number;
  /** How long ago the last of them was lost. A length of time, since clocks differ. */
  readonly agoMs: number;
  /** The rooms that they were for; undefined: any. */
  readonly rooms: readonly string[] | undefined;
}

const MAX_ID_LENGTH = 100;
/** Most rooms that one message names. */
export const MAX_LOST_ROOMS = 1000;

/** Makes the text of a message. */
export function encodeLossMessage({ node, number, agoMs, rooms }: LossMessage): string {
  return JSON.stringify({ node, number, agoMs, rooms: rooms ?? null });
}

/**
 * Reads a message. Whoever can reach Redis may have sent it.
 *
 * @throws Error if it is none
 */
export function decodeLossMessage(message: Buffer): LossMessage {
  const value: unknown = JSON.parse(message.toString("utf8"));
  if (typeof value !== "object" || value === null) throw new Error("no object");
  const { node, number, agoMs, rooms }: Readonly<Record<string, unknown>> = { ...value };
  const isNode = typeof node === "string" && node !== "" && node.length <= MAX_ID_LENGTH;
  if (!isNode || !isCount(number) || number === 0) throw new Error("no node, or no number");
  if (!isCount(agoMs)) throw new Error("no length of time");
  if (rooms === null) return { node, number, agoMs, rooms: undefined };
  if (!isRooms(rooms)) throw new Error("no rooms");
  return { node, number, agoMs, rooms };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isRooms(rooms: unknown): rooms is readonly string[] {
  if (!Array.isArray(rooms) || rooms.length > MAX_LOST_ROOMS) return false;
  return rooms.every(isRoomName);
}

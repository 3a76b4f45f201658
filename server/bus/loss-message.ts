import { roomNameProblem } from "../rooms/names.ts";

/** What a node tells the others of broadcasts that it could not send. */
export interface LossMessage {
  /** Names the node that tells. */
  readonly node: string;
  /** How long ago the last of them was lost. A length of time, since clocks differ. */
  readonly agoMs: number;
  /** The rooms that they were for; undefined: any. */
  readonly rooms: readonly string[] | undefined;
}

const MAX_ID_LENGTH = 100;
/** Most rooms that one message names. */
export const MAX_LOST_ROOMS = 1000;

/** Makes the text of a message. */
export function encodeLossMessage({ node, agoMs, rooms }: LossMessage): string {
  return JSON.stringify({ node, agoMs, rooms: rooms ?? null });
}

/**
 * Reads a message. Whoever can reach Redis may have sent it.
 *
 * @throws Error if it is none
 */
export function decodeLossMessage(message: Buffer): LossMessage {
  const value: unknown = JSON.parse(message.toString("utf8"));
  if (typeof value !== "object" || value === null) throw new Error("no object");
  const { node, agoMs, rooms }: Readonly<Record<string, unknown>> = { ...value };
  const isNode = typeof node === "string" && node !== "" && node.length <= MAX_ID_LENGTH;
  const isLength = typeof agoMs === "number" && Number.isSafeInteger(agoMs) && agoMs >= 0;
  if (!isNode || !isLength) throw new Error("no node, or no length of time");
  if (rooms === null) return { node, agoMs, rooms: undefined };
  if (!isRooms(rooms)) throw new Error("no rooms");
  return { node, agoMs, rooms };
}

function isRooms(rooms: unknown): rooms is readonly string[] {
  if (!Array.isArray(rooms) || rooms.length > MAX_LOST_ROOMS) return false;
  return rooms.every((room) => typeof room === "string" && roomNameProblem(room) === undefined);
}

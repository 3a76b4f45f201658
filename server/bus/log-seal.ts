import { createHash } from "node:crypto";
import { logChannel } from "./log-scripts.ts";
import type { Seal } from "./seal.ts";

/** Where an entry stands, which Redis decides when it is appended. */
export interface LogPlace {
  readonly epoch: string;
  readonly offset: number;
  readonly atMs: number;
}

/**
 * The word with which Redis seals the place of an entry. It goes to Redis and to nobody else: who
 * hears an entry can neither change it nor give it another place.
 */
export function placeWord(seal: Seal, room: string, head: string, payload: Buffer): string {
  return seal.of(logChannel(room), `${head}\n`, payload);
}

/** What the script of appending makes of that word, which goes to all nodes with the entry. */
export function placeSeal(word: string, { epoch, offset, atMs }: LogPlace): string {
  return createHash("sha1").update(`${word}\n${epoch}\n${offset}\n${atMs}`).digest("hex");
}

import { placeSeal, placeWord } from "../../../server/bus/log-seal.ts";
import { Seal } from "../../../server/bus/seal.ts";

/** The seal of the nodes in a test. */
export const seal = new Seal("a secret that nodes share");

/** What a node hears when an entry is appended; the script in Redis puts it together like this. */
export function sealedEntry(said: unknown, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(withSeal(said, payload))}\n`), payload]);
}

function withSeal(said: unknown, payload: Buffer): unknown {
  if (typeof said !== "object" || said === null) return said;
  const { room, epoch, offset, atMs, head } = {
    room: "",
    epoch: "",
    offset: 0,
    atMs: 0,
    ...said,
  } as { room: string; epoch: string; offset: number; atMs: number; head?: unknown };
  const word = placeWord(seal, room, JSON.stringify(head ?? null), payload);
  return { ...said, seal: placeSeal(word, { epoch, offset, atMs }) };
}

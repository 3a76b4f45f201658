import { MAX_CHUNK_BYTES, MAX_MESSAGE_BYTES } from "./message.ts";

/** What a message has besides its entries, at most: names, numbers, brackets. */
const FRAME_BYTES = 2048;

/** Longest JSON text of one entry that a message can carry. */
export const MAX_ENTRY_BYTES = MAX_MESSAGE_BYTES - FRAME_BYTES;

/**
 * Puts JSON texts into as few lists as fit into messages, in their order. A text that is too large
 * for that has a list of its own.
 */
export function chunksOf<Item extends { readonly text: string }>(items: Iterable<Item>): Item[][] {
  const chunks: Item[][] = [];
  let chunk: Item[] = [];
  let bytes = FRAME_BYTES;
  for (const item of items) {
    const itemBytes = Buffer.byteLength(item.text) + 1;
    if (chunk.length > 0 && bytes + itemBytes > MAX_CHUNK_BYTES) {
      chunks.push(chunk);
      chunk = [];
      bytes = FRAME_BYTES;
    }
    chunk.push(item);
    bytes += itemBytes;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** The texts as the inside of a JSON list. */
export function listText(items: readonly { readonly text: string }[]): string {
  return items.map(({ text }) => text).join();
}

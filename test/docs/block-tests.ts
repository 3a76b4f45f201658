import { expect, it } from "vitest";
import { type CodeBlock, codeBlocks } from "../support/code-blocks.ts";

/** Runs or checks one block. */
export type BlockTest = (block: CodeBlock) => void | Promise<void>;

/**
 * Declares a test for each block of a page. A block that nobody tests fails, and so does a test
 * whose block is gone.
 *
 * @param tests by the block's place: `<heading>: <language>`, and ` 2` for the second of its kind
 */
export function testEachBlock(file: string, tests: ReadonlyMap<string, BlockTest>): void {
  const blocks = placed(codeBlocks(file));
  for (const [place, block] of blocks) {
    it(`${file}:${block.line}, ${place}`, async () => {
      const test = tests.get(place);
      if (test === undefined) throw new Error(`no test runs or checks the block "${place}"`);
      await test(block);
    });
  }
  it(`${file} has every block that is tested`, () => {
    expect([...tests.keys()].filter((place) => !blocks.has(place))).toEqual([]);
  });
}

function placed(blocks: readonly CodeBlock[]): ReadonlyMap<string, CodeBlock> {
  const found = new Map<string, CodeBlock>();
  for (const block of blocks) {
    const kind = `${block.heading}: ${block.language || "text"}`;
    let place = kind;
    for (let count = 2; found.has(place); count += 1) place = `${kind} ${count}`;
    found.set(place, block);
  }
  return found;
}

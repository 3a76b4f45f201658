import { readFileSync } from "node:fs";

/** A fenced block of a Markdown page. */
export interface CodeBlock {
  /** The first word after the fence: `js`, `sh`, …; empty where there is none. */
  readonly language: string;
  /** What stands between the fences, without the last line's end. */
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The nearest heading above the block, without its `#`; empty before the first one. */
  readonly heading: string;
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(\S*).*$/;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/;

/**
 * All fenced blocks of a page, in their order.
 *
 * @param file path of the page, from the project's root
 * @throws if the last block is not closed
 * @example
 * const [start] = codeBlocks("README.md").filter(({ language }) => language === "sh");
 */
export function codeBlocks(file: string): CodeBlock[] {
  return codeBlocksOf(readFileSync(file, "utf8"), file);
}

/**
 * As {@link codeBlocks}, for a text at hand.
 *
 * @param name what an error calls the page
 */
export function codeBlocksOf(markdown: string, name = "the page"): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = "";
  let open: OpenBlock | undefined;
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    if (open === undefined) {
      heading = HEADING.exec(line)?.[1] ?? heading;
      open = opened(line, index + 1, heading);
    } else if (closes(open, line)) {
      const { indent, language, lines, heading: above } = open;
      const text = lines.map((content) => withoutIndent(content, indent)).join("\n");
      blocks.push({ language, text, line: open.line, heading: above });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== undefined) throw new Error(`${name}:${open.line}: the block is not closed`);
  return blocks;
}

interface OpenBlock {
  readonly indent: number;
  readonly fence: string;
  readonly language: string;
  readonly line: number;
  readonly heading: string;
  readonly lines: string[];
}

function opened(text: string, line: number, heading: string): OpenBlock | undefined {
  const [, space = "", fence, language = ""] = FENCE.exec(text) ?? [];
  if (fence === undefined) return undefined;
  return { indent: space.length, fence, language, line, heading, lines: [] };
}

function closes({ fence }: OpenBlock, line: string): boolean {
  const text = line.trim();
  return text.startsWith(fence) && text.replaceAll(fence.charAt(0), "") === "";
}

function withoutIndent(line: string, indent: number): string {
  const space = line.length - line.trimStart().length;
  return line.slice(Math.min(indent, space));
}

import type { CodeBlock } from "../support/code-blocks.ts";
import { until } from "../support/until.ts";

/** One end of a wire, with the texts that come over it as they are. */
export interface WireEnd {
  send(text: string): void;
  /** Texts that have come so far and have not been taken yet; taking removes them. */
  readonly frames: string[];
}

/** How a wire example is played. */
export interface Play {
  /** What is sent where the document has something else: a real token in the place of `…`. */
  readonly instead?: Readonly<Record<string, string>>;
  /** What makes the server send a line of the document: done before the line is waited for. */
  readonly cues?: Readonly<Record<string, () => unknown>>;
  /** Frames that the example leaves out. */
  readonly leavesOut?: (frame: string) => boolean;
}

const COMMENT = / {2,}\S.*$/;

/**
 * Plays a wire example against a real server: sends what stands behind `->`, and compares what
 * comes, to the character, with what stands behind `<-`. There, `…` stands for anything, together
 * with the word that it ends.
 *
 * @returns the frames that came, in the order of the lines
 */
export async function play(block: CodeBlock, wire: WireEnd, options: Play = {}): Promise<string[]> {
  const { instead = {}, cues = {}, leavesOut = () => false } = options;
  const came: string[] = [];
  const unused = new Set([...Object.keys(instead), ...Object.keys(cues)]);
  for (const line of block.text.split("\n")) {
    const text = line.slice(3).replace(COMMENT, "");
    if (line.startsWith("-> ")) {
      wire.send(replaceAll(text, instead, unused));
    } else if (line.startsWith("<- ")) {
      const cue = cues[text];
      unused.delete(text);
      await cue?.();
      const frame = await next(wire, leavesOut);
      if (!matches(text, frame)) throw new Error(`came ${frame}, documented is ${text}`);
      came.push(frame);
    } else {
      throw new Error(`neither sent nor received: ${line}`);
    }
  }
  if (unused.size > 0) throw new Error(`not in the example: ${[...unused].join(", ")}`);
  return came;
}

/** Whether a text is what a document says, in which `…` stands for anything. */
export function matches(documented: string, text: string): boolean {
  const pattern = documented
    .replaceAll(/[\w-]*…/g, "…")
    .replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("…", ".*?");
  return new RegExp(`^${pattern}$`).test(text);
}

/** A text of JSON without the white space around its parts, also where it has `…`. */
export function compact(text: string): string {
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, (_all, quoted?: string) => quoted ?? "");
}

async function next({ frames }: WireEnd, leavesOut: (frame: string) => boolean): Promise<string> {
  for (;;) {
    await until("a frame", () => frames.length > 0);
    const frame = frames.shift() ?? "";
    if (!leavesOut(frame)) return frame;
  }
}

function replaceAll(
  text: string,
  instead: Readonly<Record<string, string>>,
  unused: Set<string>,
): string {
  let result = text;
  for (const [from, to] of Object.entries(instead)) {
    if (result.includes(from)) unused.delete(from);
    result = result.replaceAll(from, to);
  }
  return result;
}

import { isUtf8 } from "node:buffer";

/** Frames of one request that are handled; the rest is left, without an answer. As in Phoenix. */
const MAX_LINES = 100;
const LINES_TYPE = "application/x-ndjson";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** A text frame, a binary frame, or undefined for what is neither. */
export type BodyFrame = string | Buffer | undefined;

/**
 * Reads the frames of a long-poll request's body.
 *
 * As `application/x-ndjson` it is a frame a line: text that begins with `[` or `{`, and anything
 * else is a binary frame in base64. Empty lines do not count. As any other type it is one text
 * frame.
 */
export function* framesOf(contentType: string | undefined, body: Buffer): Generator<BodyFrame> {
  if (!isUtf8(body)) yield undefined;
  else if (isLines(contentType)) yield* framesOfLines(body.toString());
  else yield body.toString();
}

function isLines(contentType = ""): boolean {
  const [type = ""] = contentType.split(";", 1);
  return type.trim().toLowerCase() === LINES_TYPE;
}

function* framesOfLines(text: string): Generator<BodyFrame> {
  let count = 0;
  let start = 0;
  while (start < text.length && count < MAX_LINES) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    start = end < 0 ? text.length : end + 1;
    if (line === "") continue;
    count += 1;
    yield frameOf(line);
  }
}

function frameOf(line: string): BodyFrame {
  if (line.startsWith("[") || line.startsWith("{")) return line;
  return BASE64.test(line) ? Buffer.from(line, "base64") : undefined;
}

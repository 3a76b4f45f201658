const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The text of a member's value, as it stands in the object, without white space around it. Of
 * several members with one name the last counts, as in `JSON.parse`.
 *
 * @param text a JSON object; text that `JSON.parse` does not accept gives no sensible answer
 * @returns undefined if the object has no such member
 */
export function memberText(text: string, name: string): string | undefined {
  let found: string | undefined;
  let at = firstInside(text);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACE) {
    const keyEnd = endOfString(text, at);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (isKey(text.slice(at, keyEnd), name)) found = text.slice(start, end);
    at = next(text, end);
  }
  return found;
}

/**
 * The texts of an array's items, as they stand there, without white space around them.
 *
 * @param text a JSON array; text that `JSON.parse` does not accept gives no sensible answer
 */
export function itemTexts(text: string): string[] {
  const items: string[] = [];
  let at = firstInside(text);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = endOfValue(text, at);
    items.push(text.slice(at, end));
    at = next(text, end);
  }
  return items;
}

/** A key may be written with escapes: `"\u0061"` is `a`. */
function isKey(quoted: string, name: string): boolean {
  return quoted.includes("\\") ? JSON.parse(quoted) === name : quoted.slice(1, -1) === name;
}

/** Where the first item or member of a container begins, or its closing bracket. */
function firstInside(text: string): number {
  return skipSpace(text, skipSpace(text, 0) + 1);
}

/** Where the next item or member begins, or the closing bracket, given the end of one. */
function next(text: string, end: number): number {
  const at = skipSpace(text, end);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfContainer(text, start);
  let end = start;
  while (end < text.length && !isEndOfScalar(text.charCodeAt(end))) end += 1;
  return end;
}

/** Without recursion: text may be nested as deeply as it is long. */
function endOfContainer(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    at = code === QUOTE ? endOfString(text, at) : at + 1;
    if (depth === 0) return at;
  }
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at + 1;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isEndOfScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code);
}

/** JSON's white space: space, tab, line feed, carriage return. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

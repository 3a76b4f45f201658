/** A JSON value whose strings are `s` and their text, and whose numbers are `n` and theirs. */
export type Marked = string | boolean | null | readonly Marked[] | MarkedObject;

/** No key can be a property that every object has, since each begins with `s`. */
export interface MarkedObject {
  readonly [key: string]: Marked;
}

/** The strings and the numbers of valid JSON text. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Reads JSON text and keeps its numbers as they were written, which `JSON.parse` does not. Of a
 * repeated key the last one counts.
 *
 * @returns undefined where the text is not JSON
 */
export function parseMarked(text: string): Marked | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return JSON.parse(text.replace(TOKEN, marked)) as Marked;
}

/** Whether a value is an object. */
export function isMarkedObject(value: Marked | undefined): value is MarkedObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a value that was a string. */
export function stringOf(value: Marked | undefined): string | undefined {
  return typeof value === "string" && value.startsWith("s") ? value.slice(1) : undefined;
}

/** The text of a value that was a number. */
export function numberTextOf(value: Marked | undefined): string | undefined {
  return typeof value === "string" && value.startsWith("n") ? value.slice(1) : undefined;
}

function marked(token: string): string {
  return token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`;
}

const MAX_NAME_BYTES = 255;
/** Longest part of a client's text that an answer repeats, in UTF-16 units. */
const MAX_SHOWN = 255;
/** Control characters, and halves of surrogate pairs, which UTF-8 cannot carry. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const IDENTITY = /^[0-9a-f]{64}$/;

/** Whether a text can name something: 1 to `maxBytes` bytes, and no control characters. */
export function isName(text: string, maxBytes = MAX_NAME_BYTES): boolean {
  if (text === "" || text.length > maxBytes || UNPRINTABLE.test(text)) return false;
  return Buffer.byteLength(text) <= maxBytes;
}

/** Whether a text is an identity, or the id of a process: 64 lower-case hexadecimal digits. */
export function isIdentity(text: string): boolean {
  return IDENTITY.test(text);
}

/** A name that a client gave, as it is repeated in an answer: cut off if it is too long. */
export function shownName(name: string): string {
  return name.length <= MAX_SHOWN ? name : `${name.slice(0, MAX_SHOWN)}…`;
}

/** What is wrong with an id that should be an identity, or undefined if nothing is. */
export function identityProblem(noun: string, id: string): string | undefined {
  if (id.length !== 64) return `invalid ${noun} Id length`;
  return isIdentity(id) ? undefined : `invalid ${noun} Id`;
}

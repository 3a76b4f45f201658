export const PRIVATE = "private:";
const PUBLIC = "room:";
const DEFAULT_ROOM = `${PUBLIC}lobby`;

/** The room that the part after `#` of the page's address names. */
export function roomOfAddress() {
  const encoded = location.hash.slice(1);
  if (encoded === "") return DEFAULT_ROOM;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // An address typed by hand, with a bare "%": take it as it is.
    return encoded;
  }
}

/** @param {string} room */
export function addressOf(room) {
  return `#${encodeURI(room)}`;
}

/**
 * What somebody means who types a room's name: a public room, unless they say otherwise.
 *
 * @param {string} typed
 */
export function roomOfInput(typed) {
  const name = typed.trim();
  return name.startsWith(PUBLIC) || name.startsWith(PRIVATE) ? name : `${PUBLIC}${name}`;
}

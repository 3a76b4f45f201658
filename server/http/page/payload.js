const MAX_SHOWN_CHARS = 4000;
const MAX_SHOWN_BYTES = 64;
/** JSON up to this length is shown on one line. */
const MAX_LINE_CHARS = 64;

/**
 * What a payload box means: JSON where it begins like an object or a list, else a text.
 *
 * @param {string} typed
 * @returns {{ payload: unknown, problem?: undefined } | { payload?: undefined, problem: string }}
 */
export function readPayload(typed) {
  if (!/^\s*[{[]/.test(typed)) return { payload: { text: typed } };
  try {
    return { payload: JSON.parse(typed) };
  } catch (error) {
    return { problem: `not JSON: ${error instanceof Error ? error.message : error}` };
  }
}

/**
 * What is shown of a payload: the text of `{ text }`, else JSON or bytes.
 *
 * @param {unknown} payload
 * @returns {{ text: string, isText: boolean }}
 */
export function showPayload(payload) {
  if (payload instanceof ArrayBuffer) return { text: showBytes(payload), isText: false };
  const text = onlyText(payload);
  if (text !== undefined) return { text: shorten(text), isText: true };
  return { text: shorten(showJson(payload)), isText: false };
}

/** @param {unknown} payload */
function showJson(payload) {
  const line = JSON.stringify(payload);
  return line.length <= MAX_LINE_CHARS ? line : JSON.stringify(payload, undefined, 2);
}

/** @param {unknown} payload */
function onlyText(payload) {
  if (typeof payload !== "object" || payload === null) return undefined;
  const entries = Object.entries(payload);
  const [name, value] = entries[0] ?? [];
  return entries.length === 1 && name === "text" && typeof value === "string" ? value : undefined;
}

/** @param {ArrayBuffer} buffer */
function showBytes(buffer) {
  const bytes = new Uint8Array(buffer, 0, Math.min(buffer.byteLength, MAX_SHOWN_BYTES));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const rest = buffer.byteLength > bytes.length ? " …" : "";
  return `${buffer.byteLength} bytes: ${hex}${rest}${asText(buffer)}`;
}

/** @param {ArrayBuffer} buffer */
function asText(buffer) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(buffer);
    return `\n“${shorten(text)}”`;
  } catch {
    // Bytes that are no text are shown as bytes only.
    return "";
  }
}

/** @param {string} text */
function shorten(text) {
  const rest = text.length - MAX_SHOWN_CHARS;
  return rest <= 0 ? text : `${text.slice(0, MAX_SHOWN_CHARS)}… (${rest} more characters)`;
}

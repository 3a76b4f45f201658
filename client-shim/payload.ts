/** What travels in a room: the fields of an object, or bytes. */
export type Payload = Record<string, unknown> | Uint8Array<ArrayBuffer>;

/** Whether a value is an object in the sense of JSON. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return Object(value) === value && !Array.isArray(value);
}

/** A copy of bytes of any kind; false for everything else. */
export function toBytes(value: unknown): Uint8Array<ArrayBuffer> | false {
  const view = value instanceof ArrayBuffer ? new DataView(value) : value;
  return (
    ArrayBuffer.isView(view) &&
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()
  );
}

/**
 * The payload of a message to a room, copied: bytes; an object, also where it comes as JSON text;
 * `{message}` for any other text; `{data}` for any other JSON value.
 *
 * @throws TypeError or SyntaxError if the message is not JSON
 */
export function toPayload(message: unknown): Payload {
  const bytes = toBytes(message);
  if (bytes) return bytes;
  const isText = typeof message === "string";
  const value = isText ? parse(message) : (JSON.parse(JSON.stringify(message)) as unknown);
  if (isObject(value)) return value;
  return isText ? { message } : { data: value };
}

/** Whether an event tells of presences. */
export function isPresence(event: string): boolean {
  return /^presence_(state|diff)$/.test(event);
}

/** The value of a JSON text; text that is not JSON is its own value. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import type { Answer } from "./carrier.ts";
import { isObject, isPresence, parse, toPayload } from "./payload.ts";

// Every runtime has them; declared here so that no library of types is needed.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };

/** What goes out: text, or bytes. */
export type PlainFrame = string | Uint8Array<ArrayBuffer>;

/** What came in: a message, an answer, or a refusal of something that asked for no answer. */
export interface PlainEvent {
  readonly room?: string;
  readonly event: string;
  readonly payload: unknown;
  /** Its number, where it is in the room's log. */
  readonly offset?: unknown;
  /** What the answer is to; absent for a refusal of something that asked for no answer. */
  readonly id?: unknown;
  readonly answer?: Answer;
}

/**
 * Writes a message.
 *
 * @param id asks for an answer
 * @throws TypeError if the message would be taken for a request
 */
export function encodeMessage(
  room: string | undefined,
  event: string,
  message: unknown,
  id?: unknown,
): PlainFrame {
  const payload = toPayload(message);
  const isBytes = payload instanceof Uint8Array;
  if (!room)
    return isBytes ? payload : typeof message === "string" ? message : JSON.stringify(message);
  const { _room, ...fields } = isBytes ? {} : payload;
  if (/^_(join|leave)$/.test(fields["type"] as string)) throw new TypeError("type is reserved");
  const head = JSON.stringify({
    ...fields,
    ...(event !== "message" && { _event: event }),
    ...((id && { _id: id }) as object),
    _room: room,
  });
  return isBytes ? new Uint8Array([...new TextEncoder().encode(`${head}\n`), ...payload]) : head;
}

/** Reads a frame. Text that is not JSON is a message as it is, and so are bytes without a head. */
export function decode(data: unknown): PlainEvent {
  const isText = typeof data === "string";
  const bytes = new Uint8Array(isText ? [] : (data as ArrayBuffer));
  const end = bytes.indexOf(10) + 1;
  const value = parse(isText ? data : new TextDecoder().decode(bytes.subarray(0, end)));
  const message = { event: "message", payload: isText ? value : bytes };
  if (!isObject(value)) return message;
  const { _room, _event, _re, _offset: offset, ...fields } = value;
  const { status = "_error", response, ...error } = fields;
  const event = `${_event ?? "message"}`;
  const isError = error["type"] === "_error";
  const content = _re
    ? response
    : isError
      ? { ...(response as object), ...error }
      : isPresence(event)
        ? fields["data"]
        : fields;
  const payload = isText ? content : bytes.slice(end);
  if (_re || isError) return { ...message, id: _re, answer: { status, response: payload } };
  return typeof _room === "string" ? { room: _room, event, payload, offset } : message;
}

import { type EntryMeta, markText } from "../../entry-meta.ts";
import { jsonTextOf, payloadValue } from "../../json-text.ts";
import { MESSAGE, PRESENCE_EVENTS } from "../../rooms/own-events.ts";
import { isBytes } from "../../rooms/payload.ts";
import type { Reply } from "../../rooms/reply.ts";
import { UNDELIVERABLE, undeliverable } from "../../rooms/undeliverable.ts";
import { encodeBinary, withHead } from "./binary-codec.ts";
import type { Id, Wishes } from "./codec.ts";

/** One encoded frame: text, or bytes for a binary frame. */
export type Encoded = string | Uint8Array;

/** Where an event comes from. */
export interface Source {
  /** The room, or undefined where its name is not told. */
  readonly room: string | undefined;
  readonly event: string;
  /** What the room's log says of it. */
  readonly entry?: EntryMeta | undefined;
}

/** Fields of the protocol's own. A payload that has one travels as `data`. */
const OWN_FIELDS = ["_room", "_event", "_re"];
/** Those of logged messages besides. */
const LOG_FIELDS = ["_offset", "_sender", "_sequence", "_inreplyto", "_type"];
/** Text without it has neither own fields, which may be written with an escape, nor the type. */
const OWN_BEGINNING = /"(?:_|\\u)/;
const ERROR_TYPE = "_error";

/** Makes the frame of an event, or undefined if its receiver has not asked for it. */
export function encodeEvent(source: Source, payload: unknown, wishes: Wishes): Encoded | undefined {
  // Its payloads have people's ids as fields, so they always travel as `data`.
  const isPresence = PRESENCE_EVENTS.has(source.event);
  if (isPresence && !wishes.presence) return undefined;
  if (!isBytes(payload)) return encodeJson(source, payload, isPresence);
  if (wishes.binary) return withHead(envelope(source), payload);
  return encodeJson(
    { ...source, event: UNDELIVERABLE },
    undeliverable(source.event, payload),
    false,
  );
}

/** Makes the reply to a frame that asked for one. */
export function encodeReply(id: Id, { status, response }: Reply): string {
  return JSON.stringify({ _re: id, status, response });
}

/** Makes the reply whose response is bytes. */
export function encodeBinaryReply(id: Id, status: string, response: Uint8Array): Uint8Array {
  return encodeBinary({ _re: id, status }, response);
}

/**
 * Makes the frame that tells of a mistake.
 *
 * @param about the room that the mistake is about. The field is not called `room`, since Metafor's
 * client would take the frame for a message of that room
 */
export function encodeError(error: object, about?: string): string {
  const { reason, code, ...response } = error as { reason?: unknown; code?: unknown };
  const details = Object.keys(response).length > 0 ? { response } : {};
  return JSON.stringify({ type: ERROR_TYPE, code, reason, about, ...details });
}

/** The names go last, so that no payload can put others in their place. */
function encodeJson(source: Source, payload: unknown, isWrapped: boolean): string {
  const text = jsonTextOf(payload).trim();
  const isData = isWrapped || !text.startsWith("{") || hasOwnField(text, payload, source);
  return merge(isData ? `{"data":${text}}` : text, envelope(source));
}

/** Two JSON objects, as text, in one. */
function merge(first: string, second: string): string {
  const fields = first.slice(1, -1).trim();
  if (fields === "" || second === "{}") return fields === "" ? second : first;
  return `${first.slice(0, -1)},${second.slice(1)}`;
}

/** What surrounds a payload, as the JSON text of an object. */
function envelope({ room, event, entry }: Source): string {
  const names = JSON.stringify({
    _event: event === MESSAGE ? undefined : event,
    _room: room,
  });
  return entry === undefined ? names : merge(names, `{${markText(entry)}}`);
}

function hasOwnField(text: string, payload: unknown, { entry }: Source): boolean {
  if (!OWN_BEGINNING.test(text)) return false;
  const value = payloadValue(payload);
  if (typeof value !== "object" || value === null) return false;
  const fields = entry === undefined ? OWN_FIELDS : [...OWN_FIELDS, ...LOG_FIELDS];
  if (fields.some((field) => Object.hasOwn(value, field))) return true;
  return "type" in value && value.type === ERROR_TYPE;
}

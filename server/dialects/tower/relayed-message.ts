import { JsonText } from "../../json-text.ts";
import { payloadKind } from "../../rooms/payload.ts";
import { isLegalName, isReservedName } from "./group.ts";
import { VerbatimText } from "./verbatim-text.ts";

/** A message that a relay brings. */
export interface RelayedMessage {
  /** Undefined for what AWX's nodes tell each other. */
  readonly group: string | undefined;
  readonly payload: JsonText;
}

const MESSAGE_TYPE = "internal.message";

/**
 * Reads what a relay sent.
 *
 * @returns undefined where it is no message for a group
 */
export function readRelayed(text: string): RelayedMessage | undefined {
  const frame = parse(text);
  if (typeof frame !== "object" || frame === null) return undefined;
  if (!("group" in frame && "message" in frame)) return undefined;
  const { group, message } = frame;
  if (typeof group !== "string" || !isLegalName(group)) return undefined;
  if (typeof message !== "object" || message === null) return undefined;
  if (!("type" in message && "text" in message) || message.type !== MESSAGE_TYPE) return undefined;
  if (typeof message.text !== "string") return undefined;
  const isInternal = isReservedName(group);
  return { group: isInternal ? undefined : group, payload: payloadOf(message.text) };
}

/** JSON as it is; text that is not, or is nested too deeply for other dialects, as text. */
function payloadOf(text: string): JsonText {
  const value = parse(text);
  const isFit = value !== undefined && payloadKind(value) === "json";
  return isFit ? new JsonText(text) : new VerbatimText(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

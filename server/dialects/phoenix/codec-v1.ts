import { isUtf8 } from "node:buffer";
import { jsonTextOf } from "../../json-text.ts";
import { type ClientFrame, isName, isRef, type Ref } from "./codec.ts";

/**
 * Decodes a V1 frame, or undefined if it is none. Further keys are ignored, and so is whether it
 * came as text or as a binary frame, as in Phoenix.
 */
export function decodeObject(data: string | Buffer): ClientFrame | undefined {
  const frame = parseObject(data);
  if (frame === undefined) return undefined;
  if (!("topic" in frame && "event" in frame && "payload" in frame && "ref" in frame)) {
    return undefined;
  }
  const { topic, event, payload, ref } = frame;
  const joinRef = "join_ref" in frame ? frame.join_ref : null;
  if (!isRef(joinRef) || !isRef(ref) || !isName(topic) || !isName(event)) return undefined;
  return { joinRef, ref, topic, event, payload };
}

/** Whether a client's first message looks like a V1 frame, whole or not: an object with a topic. */
export function hasTopic(data: string | Buffer): boolean {
  const frame = parseObject(data);
  return frame !== undefined && "topic" in frame;
}

/** Encodes a V1 frame: exactly these four keys, never a join_ref. */
export function encodeObject(topic: unknown, event: string, payload: unknown, ref: Ref): string {
  const names = JSON.stringify({ topic, event });
  return `${names.slice(0, -1)},"payload":${jsonTextOf(payload)},"ref":${JSON.stringify(ref)}}`;
}

function parseObject(data: string | Buffer): object | undefined {
  if (typeof data !== "string" && !isUtf8(data)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(data.toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  return parsed;
}

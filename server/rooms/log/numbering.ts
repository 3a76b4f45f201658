import type { Draft } from "./entry.ts";

/** A push into a room with a log: its payload, and what it says of itself. */
export interface Numbered {
  readonly payload: unknown;
  readonly marks: Pick<Draft, "sequence" | "inReplyTo" | "type">;
}

const NO_MARKS: Numbered["marks"] = {};

/**
 * Takes `_sequence`, `_inreplyto` and `_type` out of a payload. Only an object can have them.
 *
 * @returns undefined where one of them cannot be understood
 */
export function readNumbering(payload: unknown): Numbered | undefined {
  if (typeof payload !== "object" || payload === null) return { payload, marks: NO_MARKS };
  const isNumbered = "_sequence" in payload || "_inreplyto" in payload || "_type" in payload;
  if (!isNumbered) return { payload, marks: NO_MARKS };
  const { _sequence, _inreplyto, _type, ...rest } = payload as {
    readonly [Field in "_sequence" | "_inreplyto" | "_type"]?: unknown;
  };
  if (!isNumber(_sequence) || !isNumber(_inreplyto) || !isType(_type)) return undefined;
  const marks = {
    ...(_sequence !== undefined && { sequence: _sequence }),
    ...(_inreplyto !== undefined && { inReplyTo: _inreplyto }),
    ...(_type !== undefined && _type !== "data" && { type: _type }),
  };
  return { payload: rest, marks };
}

function isNumber(value: unknown): value is number | undefined {
  return value === undefined || (Number.isSafeInteger(value) && Number(value) >= 1);
}

function isType(value: unknown): value is "data" | "end" | "error" | undefined {
  return value === undefined || value === "data" || value === "end" || value === "error";
}

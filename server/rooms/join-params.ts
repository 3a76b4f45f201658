import { type Position, readPosition } from "./log/position.ts";
import { isBytes } from "./payload.ts";

/** What the rooms read of a join's params. Everything else is left to the application. */
export interface JoinParams {
  readonly token: string | undefined;
  /** What the member wants told of itself in its presence. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** What the member has seen of the room's log. Counts only where the room keeps one. */
  readonly position: Position | undefined | "invalid";
}

/** The params of a join that says nothing. */
export const NO_PARAMS: JoinParams = { token: undefined, meta: {}, position: undefined };

/** Reads the params of a join. Any value is allowed; only an object can say something. */
export function readJoinParams(params: unknown): JoinParams {
  if (!isObject(params)) return NO_PARAMS;
  const token = "token" in params && typeof params.token === "string" ? params.token : undefined;
  const meta = "meta" in params && isObject(params.meta) ? { ...params.meta } : {};
  const position = readPosition(
    "since" in params ? params.since : undefined,
    "epoch" in params ? params.epoch : undefined,
  );
  return { token, meta, position };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isBytes(value);
}

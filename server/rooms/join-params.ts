import { isBytes } from "./payload.ts";

/** What the rooms read of a join's params. Everything else is left to the application. */
export interface JoinParams {
  readonly token: string | undefined;
  /** What the member wants told of itself in its presence. */
  readonly meta: Readonly<Record<string, unknown>>;
}

const NO_PARAMS: JoinParams = { token: undefined, meta: {} };

/** Reads the params of a join. Any value is allowed; only an object can say something. */
export function readJoinParams(params: unknown): JoinParams {
  if (!isObject(params)) return NO_PARAMS;
  const token = "token" in params && typeof params.token === "string" ? params.token : undefined;
  const meta = "meta" in params && isObject(params.meta) ? { ...params.meta } : {};
  return { token, meta };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isBytes(value);
}

import { type RefusalCode, refusals } from "../codes.ts";

/**
 * The answer to a join, a leave or a push: `ok` with a response, or `error` with a
 * {@link RefusalResponse}. A channel may use other words for its status and any response.
 */
export interface Reply {
  readonly status: "ok" | "error" | (string & {});
  readonly response: unknown;
}

/** Why something was refused. */
export interface RefusalResponse {
  /** Text for people. */
  readonly reason: string;
  /** Stable name for programs. */
  readonly code: RefusalCode;
}

const NOTHING = Object.freeze({});
const OK: Reply = Object.freeze({ status: "ok", response: NOTHING });

/**
 * A good answer.
 *
 * @param response an object, or bytes; without one, Phoenix's empty object
 */
export function ok(response?: unknown): Reply {
  return response === undefined ? OK : { status: "ok", response };
}

/**
 * A refusal.
 *
 * @param code what is wrong; its reason comes from the table
 * @param details further members of the response
 */
export function refuse(code: RefusalCode, details?: object): Reply {
  return { status: "error", response: { ...details, ...refusal(code) } };
}

/** The body of a refusal, which a `phx_error` carries too. */
export function refusal(code: RefusalCode): RefusalResponse {
  return { reason: refusals[code].reason, code };
}

import { type RefusalCode, refusals } from "../codes.ts";

/** The answer to a join, a leave or a push. */
export type Reply =
  | { readonly status: "ok"; readonly response: object }
  | { readonly status: "error"; readonly response: RefusalResponse };

/** Why something was refused. */
export interface RefusalResponse {
  /** Text for people. */
  readonly reason: string;
  /** Stable name for programs. */
  readonly code: RefusalCode;
}

/** Takes the one answer to a request. */
export type Answer = (reply: Reply) => void;

const NOTHING = Object.freeze({});
const OK: Reply = Object.freeze({ status: "ok", response: NOTHING });

/** A good answer; without a response, Phoenix's empty object. */
export function ok(response?: object): Reply {
  return response === undefined ? OK : { status: "ok", response };
}

/**
 * A refusal.
 *
 * @param code what is wrong; its reason comes from the table
 */
export function refuse(code: RefusalCode): Reply {
  return { status: "error", response: refusal(code) };
}

/** The body of a refusal, which a `phx_error` carries too. */
export function refusal(code: RefusalCode): RefusalResponse {
  return { reason: refusals[code].reason, code };
}

import type { RefusalCode } from "../codes.ts";

/** Statuses of the refusals that are not 422. */
const statuses: ReadonlyMap<RefusalCode, number> = new Map([
  ["body_not_json", 400],
  ["token_missing", 401],
  ["token_invalid", 401],
  ["token_expired", 401],
  ["room_forbidden", 403],
  ["log_private", 403],
  ["presence_private", 403],
  ["room_unmatched", 404],
  ["log_missing", 404],
  ["too_large", 413],
  ["content_type_invalid", 415],
  ["join_crashed", 500],
  ["log_unavailable", 503],
  ["too_many_waiting", 503],
  ["log_full", 507],
]);
const OTHER_STATUS = 422;

/** The HTTP status of a refusal. */
export function statusOf(code: RefusalCode): number {
  return statuses.get(code) ?? OTHER_STATUS;
}

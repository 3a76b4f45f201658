import type { Reply } from "../../../rooms/reply.ts";
import type { Process } from "../processes/process.ts";
import type { Failure } from "../wire/outcome.ts";
import { phraseOf } from "../wire/request-phrase.ts";

const FORBIDDEN = 403;
const statuses: ReadonlyMap<unknown, number> = new Map([
  ["process_missing", 404],
  ["channel_missing", 404],
  ["rooms_exhausted", 429],
  ["too_many_waiting", 429],
  ["join_crashed", 500],
  ["push_crashed", 500],
  ["log_unavailable", 503],
]);

/** Why a channel cannot be followed, or no longer. */
export function subscribeFailure(status: number, text: string): Failure {
  return { status, message: `${phraseOf("subscribechannelmsg")}, ${text}` };
}

/** What a refusal of the rooms is to a client that wants to follow a channel. */
export function refusalOf(response: unknown): Failure {
  const { code, reason } = response as { readonly code?: unknown; readonly reason?: unknown };
  const text = code === "log_unavailable" ? "storage not reachable" : String(reason);
  return subscribeFailure(statuses.get(code) ?? FORBIDDEN, text);
}

/** Whether a member has been sent all that it had missed. */
export function hasRecovered({ response }: Reply): boolean {
  return (response as { readonly recovered?: unknown }).recovered === true;
}

/** Whether somebody is the submitter of a process, or its executor. */
export function isParty(identity: string, process: Process): boolean {
  return identity === process.initiatorid || identity === process.assignedexecutorid;
}

import { type RefusalCode, refusals } from "../../codes.ts";
import type { Group } from "./group.ts";
import { pythonJson } from "./python-json.ts";

/** The sets of a good request's reply, each in no order that counts. */
export interface Change {
  readonly current: readonly string[];
  readonly left: readonly string[];
  readonly joined: readonly string[];
}

/** The first frame of a connection. */
export function acceptFrame(user: string | number | null): string {
  return pythonJson({ accept: true, user });
}

/** The answer to a request that was refused as a whole. */
export function errorFrame(code: RefusalCode): string {
  return pythonJson({ error: refusals[code].reason });
}

/** Tells that one group was refused, or taken away. */
export function deniedFrame({ key, item }: Group): string {
  const { reason } = refusals.group_denied;
  return pythonJson({ error: `${reason} ${key} for resource id ${item}` });
}

/** The reply to a good request. */
export function groupsFrame({ current, left, joined }: Change): string {
  return pythonJson({ groups_current: current, groups_left: left, groups_joined: joined });
}

import type { RefusalCode } from "../codes.ts";
import { after, type Eventual } from "../eventual.ts";
import { judgeOutsider, type OutsiderRequest, type OutsidersContext } from "./outsiders.ts";
import type { PresenceState } from "./presence.ts";
import type { Tracking } from "./tracking.ts";

/** Who is in a room, or why that is not told. */
export type PresenceReading =
  | { readonly ok: true; readonly presences: PresenceState }
  | { readonly ok: false; readonly code: RefusalCode };

/** Tells someone who is no member of a room who is in it. */
export type ReadPresence = (request: OutsiderRequest) => Eventual<PresenceReading>;

/** What reading needs of its surroundings. */
export interface PresenceReadingContext extends OutsidersContext {
  readonly rooms: OutsidersContext["rooms"] & { readonly tracking: Pick<Tracking, "list"> };
}

/**
 * Makes the function that tells who is in a room to those who may join it. A channel that decides
 * by itself who joins shows its members to its members alone.
 */
export function createReadPresence(context: PresenceReadingContext): ReadPresence {
  return (request) => {
    const verdict = judgeOutsider(context, request);
    if (!verdict.ok) return verdict;
    if (verdict.channel.visit === undefined) return { ok: false, code: "presence_private" };
    const presences = context.rooms.tracking.list(verdict.room);
    return after(presences, (told) => ({ ok: true, presences: told }));
  };
}

import type { Server } from "socket.io";
import type { RefusalCode } from "../codes.ts";
import { after, type Eventual } from "../eventual.ts";
import { type Admit, admitUnderEither } from "./admission.ts";
import type { Channel } from "./channel.ts";
import { roomNameProblem } from "./names.ts";
import type { PresenceState } from "./presence.ts";
import type { Tracking } from "./tracking.ts";

/** Who wants to know who is in a room. */
export interface PresenceRequest {
  /** The room, by any of its names. */
  readonly room: string;
  readonly token: string | undefined;
}

/** Who is in a room, or why that is not told. */
export type PresenceReading =
  | { readonly ok: true; readonly presences: PresenceState }
  | { readonly ok: false; readonly code: RefusalCode };

/** Tells someone who is no member of a room who is in it. */
export type ReadPresence = (request: PresenceRequest) => Eventual<PresenceReading>;

/** What reading needs of its surroundings. */
export interface PresenceReadingContext {
  readonly io: Server;
  readonly admit: Admit;
  readonly rooms: {
    readonly tracking: Pick<Tracking, "list">;
    readonly channels: { of(room: string): Channel | undefined };
    roomOf(name: string): string;
  };
}

/**
 * Makes the function that tells who is in a room to those who may join it. A channel that decides
 * by itself who joins shows its members to its members alone.
 */
export function createReadPresence(context: PresenceReadingContext): ReadPresence {
  const { tracking, channels } = context.rooms;
  return ({ room: name, token }) => {
    const room = context.rooms.roomOf(name);
    const problem = roomNameProblem(name) ?? roomNameProblem(room);
    if (problem !== undefined) return { ok: false, code: problem };
    if (context.io.of("/").sockets.has(room)) return { ok: false, code: "room_forbidden" };
    const credentials = { joinToken: token, connectionToken: undefined };
    const admission = admitUnderEither(context.admit, [room, name], credentials);
    if (!admission.ok) return admission;
    const channel = channels.of(room);
    if (channel === undefined) return { ok: false, code: "room_unmatched" };
    if (channel.visit === undefined) return { ok: false, code: "presence_private" };
    return after(tracking.list(room), (presences) => ({ ok: true, presences }));
  };
}

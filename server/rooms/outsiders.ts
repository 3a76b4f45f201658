import type { RefusalCode } from "../codes.ts";
import { type Admit, admitUnderEither } from "./admission.ts";
import type { Channel } from "./channel.ts";
import { findNamedRoom, type RoomNames } from "./named-room.ts";

/** Someone who asks about a room and is no member of it. */
export interface OutsiderRequest {
  /** The room, by any of its names. */
  readonly room: string;
  readonly token: string | undefined;
}

/** Where a request leads, or why it is refused. */
export type OutsiderVerdict =
  | { readonly ok: true; readonly room: string; readonly channel: Channel }
  | { readonly ok: false; readonly code: RefusalCode };

/** What judging outsiders needs of its surroundings. */
export interface OutsidersContext {
  readonly admit: Admit;
  readonly rooms: RoomNames & {
    readonly channels: { of(room: string): Channel | undefined };
  };
}

/** Judges whether an outsider may join a room, and so may be told about it. */
export function judgeOutsider(
  { admit, rooms }: OutsidersContext,
  { room: asked, token }: OutsiderRequest,
): OutsiderVerdict {
  const named = findNamedRoom(rooms, asked);
  if (!named.ok) return named;
  const { name, room } = named;
  const credentials = { joinToken: token, connectionToken: undefined };
  const admission = admitUnderEither(admit, [room, name], credentials);
  if (!admission.ok) return admission;
  const channel = rooms.channels.of(room);
  return channel === undefined
    ? { ok: false, code: "room_unmatched" }
    : { ok: true, room, channel };
}

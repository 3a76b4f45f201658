import type { Channel } from "./channel.ts";
import type { Member } from "./member.ts";
import type { Presence } from "./presence.ts";

/** A room with members on this node. */
export interface Room {
  readonly name: string;
  readonly channel: Channel;
  readonly members: Set<Member>;
  readonly presence: Presence;
}

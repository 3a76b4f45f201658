import type { Channel } from "./channel.ts";
import type { Member } from "./member.ts";

/** A room with members on this node. */
export interface Room {
  readonly name: string;
  readonly channel: Channel;
  readonly members: Set<Member>;
}

import type { Socket } from "socket.io";
import type { Channel } from "./channel.ts";
import type { JoinParams } from "./join-params.ts";
import type { Lanes } from "./lanes.ts";
import type { PresenceMeta } from "./presence.ts";

/** One connection as the rooms see it. */
export interface Peer {
  readonly socket: Socket;
  /** Public name of the connection. Never the socket's id, which is the key to its private room. */
  readonly id: string;
  /** Presence key where no token says one. */
  readonly madeUpId: string;
  readonly memberships: Map<string, Member>;
  readonly lanes: Lanes;
  /** Ends the waits of joins whose turn has not come. */
  readonly waits: Set<() => void>;
  /** Joins that have not been decided yet. */
  pendingJoins: number;
  /** Set when the connection ends, before it leaves its rooms. */
  isLeaving: boolean;
}

/** Why a membership ended. */
export type Departure =
  /** The client left; the answer to its request tells it so. */
  | "left"
  /** A later join of the same room takes its place; the dialect tells it so. */
  | "replaced"
  /** The connection ended. */
  | "disconnected"
  /** The token's time is over. */
  | "expired"
  /** A handler of the channel threw. */
  | "crashed"
  /** The channel stopped it. */
  | "stopped"
  /** Messages may have been missed; its client joins anew. */
  | "interrupted"
  /** Server code took the socket out of the Socket.IO room. */
  | "removed";

/** What a member is told when it may have missed messages. */
export type WhenMissed = "rejoin" | "event" | "nothing";

/** One connection in one room. */
export interface Member {
  readonly peer: Peer;
  readonly room: string;
  readonly channel: Channel;
  /** `<connection>:<room>:<ref of the join>`. */
  readonly id: string;
  /** The client's own name for the join, as its dialect knows it. */
  readonly ref: unknown;
  /** Presence key: the token's `id`, or a made-up one. */
  readonly key: string;
  /** What the join said. Nothing once the channel's `joined` was called: it may be large. */
  params: JoinParams;
  /** When the membership's token expires, or undefined if it never does. */
  readonly expiresAtMs: number | undefined;
  /** What the channel keeps of this member. */
  data: unknown;
  /** The member's presences by key; undefined until there is one. */
  presences: Map<string, PresenceMeta> | undefined;
  readonly whenMissed: WhenMissed;
  /** Set before the Socket.IO room is left, for whoever handles the leaving. */
  departure: Departure | undefined;
}

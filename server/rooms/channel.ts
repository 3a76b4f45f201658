import type { Eventual } from "../eventual.ts";
import type { LogSettings } from "./log/log-settings.ts";
import type { Departure, Member } from "./member.ts";
import type { PresenceState } from "./presence.ts";
import type { Reply } from "./reply.ts";

/** What a channel says to a join. */
export type Decision =
  | { readonly ok: true; readonly response: object }
  | { readonly ok: false; readonly reply: Reply };

/** What an intercepted event becomes for one member; undefined keeps it from the member. */
export type Intercepted = { readonly payload: unknown } | undefined;

/**
 * How the rooms of a pattern behave. What a method throws or rejects with costs its member the
 * room, never the connection.
 */
export interface Channel {
  /** Decides on a join, and may keep something in `member.data`. The member is not in yet. */
  join(member: Member, params: unknown): Decision | Promise<Decision>;
  /**
   * Called once the member is in and its join has been answered. `member.params` is gone when it
   * returns.
   */
  joined(member: Member): void | Promise<void>;
  /** Handles what a member sends. Without a call of `answer` the sender gets no reply. */
  push(
    member: Member,
    event: string,
    payload: unknown,
    answer: (reply: Reply) => void,
  ): void | Promise<void>;
  /**
   * Handles what someone sends who is not in the room but could join it, or undefined where a
   * channel takes such things from members alone.
   */
  readonly visit:
    | ((visitor: Member, event: string, payload: unknown) => Eventual<Reply>)
    | undefined;
  /** How the log of its rooms is kept; undefined leaves it to the settings of the room. */
  readonly log: LogSettings | undefined;
  /** The response of the good reply to a leave. */
  farewell(member: Member): object;
  /** Called once the member is out. */
  left(member: Member, departure: Departure): void | Promise<void>;
  /** Whether an outgoing event passes by {@link intercept}. */
  intercepts(event: string): boolean;
  intercept(member: Member, event: string, payload: unknown): Intercepted;
  /** Adds to presences before they are told. */
  readonly decorate:
    | ((room: string, presences: PresenceState) => PresenceState | Promise<PresenceState>)
    | undefined;
}

import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { LogOptions } from "../options.ts";
import type { Candidate, ChannelMember, PushRequest } from "./channel-member.ts";
import type { PresenceState } from "./presence.ts";
import type { Reply } from "./reply.ts";

/** A schema of any library that follows Standard Schema: zod, valibot, ArkType, … */
export type Schema = StandardSchemaV1;

/** What a schema makes of its input; unknown where there is no schema. */
export type Output<S> = S extends Schema ? StandardSchemaV1.InferOutput<S> : unknown;

/** A join that is accepted: what the channel keeps of the member, and the reply's response. */
export interface Accepted<State> {
  readonly kind: "accepted";
  readonly state: State;
  readonly response: object;
}

/** A join that is refused. */
export interface Refused {
  readonly kind: "refused";
  readonly response: object;
}

/**
 * Why a membership ended: the client `left`, its connection was lost (`disconnected`), it joined
 * again (`replaced`), its token's time was over (`expired`), a handler threw (`crashed`), the
 * channel `stopped` it, messages of other nodes may have been missed, so that its client joins anew
 * (`interrupted`), or server code `removed` it from the Socket.IO room.
 */
export type LeaveReason =
  | "left"
  | "disconnected"
  | "replaced"
  | "expired"
  | "crashed"
  | "stopped"
  | "interrupted"
  | "removed";

/** What a handler may return: a reply, or nothing for none. */
export type Handled = Reply | void | Promise<Reply | void>;

/** What is done with one event of the clients. */
export interface EventDefinition<State, S> {
  /** Checks and converts the payload. One that does not fit is answered with its failing paths. */
  readonly payload?: S;
  /**
   * Handles the event. What it returns is the reply; to reply later, keep `request`. Events of one
   * member are handled one after the other, also where a handler is asynchronous.
   */
  handle(member: ChannelMember<State>, payload: Output<S>, request: PushRequest): Handled;
}

/**
 * How the rooms of a pattern behave. The same definition serves every dialect. What a method
 * throws costs its member the room (`phx_error`), never the connection or the process.
 */
export interface ChannelDefinition<State, Params, Events> {
  /**
   * Other names of these rooms: `["job:*"]` for the pattern `job_events-*` makes `job:42` and
   * `job_events-42` one room. Each has a trailing `*` exactly if the pattern has one.
   */
  readonly aliases?: readonly string[];
  /**
   * Keeps the last events of each room, for members that come back: `{size: 1000, ttl: "1h"}`. All
   * that is broadcast in a room is kept, and may be told to any later member. Default: as
   * `[[rooms]]` says.
   */
  readonly log?: LogOptions;
  /** Checks and converts the params of a join. */
  readonly params?: Params;
  /**
   * Decides on a join; `accept` or `reject` it. Tokens have been checked before.
   * Without it, every join is accepted. May take its time: other rooms go on meanwhile.
   */
  join?(
    candidate: Candidate,
    params: Output<Params>,
  ): Accepted<State> | Refused | Promise<Accepted<State> | Refused>;
  /** Called when the member is in and has its reply: the place to push, or to track presence. */
  joined?(member: ChannelMember<State>): void | Promise<void>;
  /** What is done with each event. */
  readonly on?: { readonly [Name in keyof Events]: EventDefinition<State, Events[Name]> };
  /** Handles the events that {@link on} does not name. Without it they are refused. */
  otherwise?(
    member: ChannelMember<State>,
    event: string,
    payload: unknown,
    request: PushRequest,
  ): Handled;
  /** Called when the member is out. */
  leave?(member: ChannelMember<State>, reason: LeaveReason): void | Promise<void>;
  /**
   * Outgoing events that pass by here on their way to each member: the payload for this member, or
   * undefined to keep it from the member. One that throws costs this member the room.
   */
  readonly intercept?: Readonly<
    Record<string, (member: ChannelMember<State>, payload: unknown) => unknown>
  >;
  /**
   * Adds to presences before they are told, such as names from a database. Called with each state
   * and each half of a diff; gives back the same keys.
   */
  presence?(room: string, presences: PresenceState): PresenceState | Promise<PresenceState>;
}

/**
 * Gives a definition its types where it is made apart from its pattern, so that one definition can
 * serve several.
 *
 * @example
 * const chat = defineChannel({ on: { say: { payload: schema, handle: (member, { text }) => {} } } });
 * commonroom.channel("room:*", chat);
 */
export function defineChannel<State, Params = undefined, Events = Record<never, never>>(
  definition: ChannelDefinition<State, Params, Events>,
): ChannelDefinition<State, Params, Events> {
  return definition;
}

/**
 * Accepts a join.
 *
 * @param state what the channel keeps of this member, as `member.state`
 * @param response of the reply; default: an empty object
 */
export function accept<State>(state: State, response: object = {}): Accepted<State> {
  return { kind: "accepted", state, response };
}

/**
 * Refuses a join.
 *
 * @param reason for people
 * @param details further members of the response, such as a `code`
 *
 * @example
 * return reject("unauthorized"); // {"status": "error", "response": {"reason": "unauthorized"}}
 */
export function reject(reason: string, details: object = {}): Refused {
  return { kind: "refused", response: { reason, ...details } };
}

/**
 * A good reply to a push.
 *
 * @param response an object, or bytes where the sender's dialect carries them; default: `{}`
 */
export function reply(response: unknown = {}): Reply {
  return { status: "ok", response };
}

/** A bad reply to a push: phoenix.js calls `receive("error", …)`. */
export function replyError(response: unknown = {}): Reply {
  return { status: "error", response };
}

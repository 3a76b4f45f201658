import type { Limits } from "../options.ts";
import type { Member } from "./member.ts";
import type { Memberships } from "./memberships.ts";
import { payloadKind } from "./payload.ts";
import type { PresenceMeta, PresenceState } from "./presence.ts";

/** What a channel says of a presence: any JSON object. */
export type Meta = object;

/** Members' presences: who is tracked, under which key and with what. */
export class Tracking {
  readonly #memberships: Memberships;
  readonly #limits: Limits;
  #refs = 0;

  constructor(memberships: Memberships, limits: Limits) {
    this.#memberships = memberships;
    this.#limits = limits;
  }

  /**
   * Makes a member present, and sends it `presence_state`, unless it is present already under
   * another key.
   *
   * @throws Error if it is present under this key already, is not in the room, or the meta is too
   * large or no JSON
   */
  track(member: Member, key: string, meta: Meta): PresenceMeta {
    if (member.presences?.has(key)) throw new Error(`already tracked: ${key}`);
    const tracked = this.#put(member, key, meta, undefined);
    if (member.presences?.size === 1) this.tell(member);
    return tracked;
  }

  /**
   * Changes what is said of a presence: one diff with the new meta in `joins` and the old one in
   * `leaves`.
   *
   * @throws Error if the member is not present under this key
   */
  update(member: Member, key: string, meta: Meta): PresenceMeta {
    const former = member.presences?.get(key);
    if (former === undefined) throw new Error(`not tracked: ${key}`);
    const tracked = this.#put(member, key, meta, former.phx_ref);
    this.#memberships.presences.untrack(member.room, key, former.phx_ref);
    return tracked;
  }

  /** Ends a presence. One that is not there is no mistake. */
  untrack(member: Member, key: string): void {
    const former = member.presences?.get(key);
    if (former === undefined) return;
    member.presences?.delete(key);
    this.#memberships.presences.untrack(member.room, key, former.phx_ref);
  }

  /** Who is present in a room, on all nodes, as members are told. */
  async list(room: string): Promise<PresenceState> {
    return this.#memberships.told(room);
  }

  /** Sends `presence_state` to one member. */
  tell(member: Member): void {
    this.#memberships.presences.of(member.room)?.tell((payload) => {
      if (!this.#memberships.isIn(member)) return;
      member.peer.socket.emit("presence_state", payload, { room: member.room });
    });
  }

  #put(member: Member, key: string, meta: Meta, formerRef: string | undefined): PresenceMeta {
    if (!this.#memberships.isIn(member)) throw new Error("not in the room");
    const problem = this.problem(meta);
    if (problem !== undefined) throw new Error(problem);
    this.#refs += 1;
    const phxRef = `${member.peer.id}${this.#refs.toString(36)}`;
    const previous = formerRef === undefined ? {} : { phx_ref_prev: formerRef };
    const tracked = { ...meta, phx_ref: phxRef, ...previous };
    member.presences ??= new Map();
    member.presences.set(key, tracked);
    this.#memberships.presences.track(member.room, key, tracked);
    return tracked;
  }

  /** Why a meta cannot be told, or undefined if it can. */
  problem(meta: Meta): "payload_invalid" | "too_large" | undefined {
    if (payloadKind(meta) !== "json") return "payload_invalid";
    const metaBytes = Buffer.byteLength(JSON.stringify(meta));
    return metaBytes > this.#limits.maxMetaBytes ? "too_large" : undefined;
  }
}

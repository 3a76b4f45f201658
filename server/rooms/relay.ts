import type { Server } from "socket.io";
import { after, type Eventual } from "../eventual.ts";
import type { RoomSettings } from "../options.ts";
import type { Backends } from "./backends.ts";
import type { Channel, Decision } from "./channel.ts";
import { connectionRoom } from "./connection-room.ts";
import { loggable } from "./log/entry.ts";
import { readNumbering } from "./log/numbering.ts";
import type { RoomLogs } from "./log/room-logs.ts";
import { unloggedCode } from "./log/unlogged-code.ts";
import type { Member } from "./member.ts";
import { ok, type Reply, refuse } from "./reply.ts";
import { settingsOf } from "./settings.ts";
import type { Tracking } from "./tracking.ts";

/** What the relay needs of its surroundings. */
export interface RelayContext {
  readonly io: Server;
  readonly backends: Backends;
  /** Whether the room's members may be on other nodes, too. */
  readonly hasOtherNodes: boolean;
  readonly tracking: Tracking;
  readonly settings: readonly RoomSettings[];
  readonly logs: RoomLogs;
}

/**
 * The built-in channel: tracks presence, and passes a push on to the other members, to the
 * backends, or to both, as the room's settings say.
 */
export class Relay implements Channel {
  readonly decorate = undefined;
  readonly log = undefined;
  readonly #context: RelayContext;

  constructor(context: RelayContext) {
    this.#context = context;
  }

  join(member: Member): Decision {
    const problem = this.#context.tracking.problem(member.params.meta);
    if (problem !== undefined) return { ok: false, reply: refuse(problem) };
    member.data = settingsOf(this.#context.settings, member.room);
    return { ok: true, response: { id: member.id } };
  }

  joined(member: Member): void {
    if (!settingsFor(member).presence) return;
    this.#context.tracking.track(member, member.key, member.params.meta);
  }

  push(
    member: Member,
    event: string,
    payload: unknown,
    answer: (reply: Reply) => void,
  ): Eventual<void> {
    return after(this.#pass(member, event, payload), answer);
  }

  visit(visitor: Member, event: string, payload: unknown): Eventual<Reply> {
    visitor.data = settingsOf(this.#context.settings, visitor.room);
    return this.#pass(visitor, event, payload);
  }

  farewell(member: Member): object {
    return { id: member.id };
  }

  left(): void {}

  intercepts(): boolean {
    return false;
  }

  intercept(): undefined {}

  #pass(member: Member, event: string, payload: unknown): Eventual<Reply> {
    const { deliver } = settingsFor(member);
    if (deliver !== "members" && event.includes(":")) return refuse("event_has_colon");
    if (deliver === "backends") return this.#toBackends(member, event, payload);
    if (this.#context.logs.keeps(member.room)) return this.#toLog(member, event, payload);
    this.#toMembers(member, event, payload);
    return deliver === "members" ? ok() : this.#toBackends(member, event, payload);
  }

  /** Members have it from the log. What was logged before is answered, and that is all. */
  #toLog(member: Member, event: string, whole: unknown): Eventual<Reply> {
    const { room, key, peer } = member;
    const { deliver, echo } = settingsFor(member);
    const numbered = readNumbering(whole);
    if (numbered === undefined) return refuse("numbering_invalid");
    const payload = loggable(numbered.payload);
    if (payload === undefined) return refuse("payload_invalid");
    const draft = { event, payload, sender: key, ...numbered.marks };
    const except = echo ? [] : [connectionRoom(peer.id)];
    return after(this.#context.logs.append(room, draft, except), (appended) => {
      if (!appended.ok) return refuse(unloggedCode(appended.reason));
      const { offset, isRepeated } = appended;
      if (deliver === "both" && !isRepeated) this.#toBackends(member, event, whole);
      return ok({ offset });
    });
  }

  #toBackends(member: Member, event: string, payload: unknown): Reply {
    const { backends } = this.#context;
    const { deliver } = settingsFor(member);
    const isSent = backends.publish(member.room, event, payload);
    const isLost = deliver === "backends" && backends.isConfigured && !isSent;
    return isLost ? refuse("backends_unreachable") : ok();
  }

  #toMembers(sender: Member, event: string, payload: unknown): void {
    const { room, peer } = sender;
    const { echo } = settingsFor(sender);
    if (!echo && this.#isAlone(peer.socket.id, room)) return;
    const audience = echo ? this.#context.io.to(room) : peer.socket.to(room);
    audience.emit(event, payload, { room });
  }

  /** Whether nobody else can hear: no other member here, and no other node. */
  #isAlone(socketId: string, room: string): boolean {
    const { io, hasOtherNodes } = this.#context;
    if (hasOtherNodes) return false;
    const members = io.sockets.adapter.rooms.get(room);
    return members === undefined || (members.size === 1 && members.has(socketId));
  }
}

/** The relay keeps its room's settings with each member. */
function settingsFor(member: Member): RoomSettings {
  return member.data as RoomSettings;
}

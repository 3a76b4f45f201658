import type { Server } from "socket.io";
import type { Clock } from "../../../clock.ts";
import { after, type Eventual } from "../../../eventual.ts";
import type { RoomSettings } from "../../../options.ts";
import type { Backends } from "../../../rooms/backends.ts";
import type { Channel, Decision } from "../../../rooms/channel.ts";
import { connectionRoom } from "../../../rooms/connection-room.ts";
import type { LogSettings } from "../../../rooms/log/log-settings.ts";
import type { RoomLogs } from "../../../rooms/log/room-logs.ts";
import { unloggedCode } from "../../../rooms/log/unlogged-code.ts";
import type { Member } from "../../../rooms/member.ts";
import type { Memberships } from "../../../rooms/memberships.ts";
import { ok, type Reply, refuse } from "../../../rooms/reply.ts";
import type { Tracking } from "../../../rooms/tracking.ts";
import type { KnownProcesses } from "../processes/process.ts";
import { ChannelLife } from "./channel-life.ts";
import { KEEP_ROOM_MS } from "./channel-room.ts";
import { memberDraft } from "./member-draft.ts";
import { PROCESS_EVENT } from "./process-news.ts";
import { RoomJudge } from "./room-judge.ts";

/** What the rooms of channels need of their surroundings. */
export interface ProcessChannelContext {
  readonly io: Pick<Server, "local">;
  readonly memberships: Pick<Memberships, "remove" | "isIn">;
  readonly tracking: Pick<Tracking, "problem" | "track">;
  readonly logs: Pick<RoomLogs, "append" | "forget" | "open">;
  readonly backends: Pick<Backends, "publish">;
  readonly processes: KnownProcesses;
  readonly clock: Clock;
  readonly settings: {
    /** Entries that a channel takes. */
    readonly maxChannelEntries: number;
    /** Bytes of payloads that it takes. */
    readonly maxChannelBytes: number;
    /** How long a channel can be read as a room once its process is over. Default: 5 minutes. */
    readonly keepRoomMs?: number;
    /** What the configuration says of a room. */
    readonly roomSettingsOf: (room: string) => Pick<RoomSettings, "echo" | "presence" | "deliver">;
  };
  /** Takes what went wrong in the server itself. */
  readonly onCrash: (error: unknown) => void;
}

const LOG_TTL_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * The rooms that are channels of processes, for members of every dialect: they see what is
 * appended, append by pushing, and learn what becomes of the process by the event `process`. The
 * end of the process ends their membership.
 */
export class ProcessChannel implements Channel {
  readonly decorate = undefined;
  readonly log: LogSettings;
  readonly #context: ProcessChannelContext;
  readonly #keepRoomMs: number;
  readonly #judge: RoomJudge;
  readonly #life: ChannelLife;

  constructor(context: ProcessChannelContext) {
    const { maxChannelEntries, maxChannelBytes, keepRoomMs = KEEP_ROOM_MS } = context.settings;
    this.#context = context;
    this.#keepRoomMs = keepRoomMs;
    this.log = {
      size: maxChannelEntries,
      ttlMs: LOG_TTL_MS,
      whenFull: "refuse",
      maxBytes: maxChannelBytes,
    };
    this.#judge = new RoomJudge({ ...context, keepRoomMs });
    this.#life = new ChannelLife({ ...context, settings: { keepRoomMs } });
  }

  /** A channel can be joined until its log is forgotten, a while after the end of its process. */
  async join(member: Member): Promise<Decision> {
    const problem = this.#context.tracking.problem(member.params.meta);
    const code = problem ?? (await this.#judge.joinProblem(member.room));
    if (code !== undefined) return { ok: false, reply: refuse(code) };
    return { ok: true, response: { id: member.id } };
  }

  joined(member: Member): Promise<void> {
    const { settings, tracking } = this.#context;
    if (settings.roomSettingsOf(member.room).presence) {
      tracking.track(member, member.key, member.params.meta);
    }
    return this.#life.entered(member);
  }

  push(
    member: Member,
    event: string,
    payload: unknown,
    answer: (reply: Reply) => void,
  ): Eventual<void> {
    return after(this.#append(member, event, payload), answer);
  }

  visit(visitor: Member, event: string, payload: unknown): Eventual<Reply> {
    return this.#append(visitor, event, payload);
  }

  farewell(member: Member): object {
    return { id: member.id };
  }

  left(member: Member): void {
    this.#life.left(member);
  }

  intercepts(): boolean {
    return false;
  }

  intercept(): undefined {}

  /** Hears of processes no more. Harmless when repeated. */
  stop(): void {
    this.#life.stop();
  }

  async #append(member: Member, event: string, payload: unknown): Promise<Reply> {
    const { room, key, peer } = member;
    // Nobody but the server says how the process fares.
    if (event === PROCESS_EVENT) return refuse("event_name_reserved");
    const draft = memberDraft(event, payload, key);
    if (typeof draft === "string") return refuse(draft);
    const before = await this.#judge.pushProblem(room);
    if (before !== undefined) return refuse(before);
    const { echo, deliver } = this.#context.settings.roomSettingsOf(room);
    if (deliver !== "members" && event.includes(":")) return refuse("event_has_colon");
    const except = echo ? [] : [connectionRoom(peer.id)];
    const appended = await this.#context.logs.append(room, draft, except);
    if (!appended.ok) return refuse(unloggedCode(appended.reason));
    if (deliver !== "members" && !appended.isRepeated) {
      this.#context.backends.publish(room, event, payload);
    }
    // Who came too late is told so: perhaps nobody reads what they said.
    const since = await this.#judge.pushProblem(room);
    if (since === undefined) return ok({ offset: appended.offset });
    // Where this has begun the log, nobody else forgets it.
    if (since === "process_missing") await this.#context.logs.forget(room, 0);
    if (since === "channel_missing") await this.#context.logs.forget(room, this.#keepRoomMs);
    return refuse(since);
  }
}

import type { Server } from "socket.io";
import type { Clock } from "../../../clock.ts";
import { RecordsUnavailable } from "../../../records/record-store.ts";
import type { RoomLogs } from "../../../rooms/log/room-logs.ts";
import type { Member } from "../../../rooms/member.ts";
import type { Memberships } from "../../../rooms/memberships.ts";
import { isOver, type KnownProcesses, type Process } from "../processes/process.ts";
import { channelRoom, readChannelRoom } from "./channel-room.ts";
import { LiveChannels } from "./live-channels.ts";
import { newsOf, PROCESS_EVENT } from "./process-news.ts";

/** What the life of channels needs of its surroundings. */
export interface ChannelLifeContext {
  readonly io: Pick<Server, "local">;
  readonly memberships: Pick<Memberships, "remove" | "isIn">;
  readonly logs: Pick<RoomLogs, "forget">;
  readonly processes: KnownProcesses;
  readonly clock: Pick<Clock, "every">;
  readonly settings: {
    /** How long the logs of a process are kept once it is over. */
    readonly keepRoomMs: number;
  };
  /** Takes what went wrong in the server itself. */
  readonly onCrash: (error: unknown) => void;
}

/** How often it is looked whether a change was not heard of, while Redis was away for instance. */
const LOOK_EVERY_MS = 30_000;

const NOBODY: ReadonlySet<Member> = new Set();

/**
 * Tells the members of channels' rooms, on this node, how their processes fare. When a process is
 * over its channels are: the members are taken out, and the logs are forgotten after a while.
 */
export class ChannelLife {
  readonly #context: ChannelLifeContext;
  readonly #channels = new LiveChannels();
  /** Who is in the rooms of a process here. */
  readonly #members = new Map<string, Set<Member>>();
  readonly #stopWatching: () => void;
  readonly #stopLooking: () => void;
  #isLooking: boolean = false;

  constructor(context: ChannelLifeContext) {
    this.#context = context;
    const { processes, clock } = context;
    this.#stopWatching = processes.watch((id, process) => this.#changed(id, process));
    this.#stopLooking = clock.every(LOOK_EVERY_MS, () => void this.#look());
  }

  /** Takes a member that is in its room now, and takes it out again if its process is over. */
  async entered(member: Member): Promise<void> {
    const processId = this.#add(member);
    let process: Process | undefined;
    try {
      // Nobody tells it what happened before it was in the room.
      process = await this.#context.processes.find(processId);
    } catch (error) {
      if (error instanceof RecordsUnavailable) return;
      throw error;
    }
    if (process !== undefined && !isOver(process)) {
      this.#channels.remember(process);
      return;
    }
    const { memberships } = this.#context;
    if (!memberships.isIn(member)) return;
    const { room, peer } = member;
    if (process !== undefined) peer.socket.emit(PROCESS_EVENT, newsOf(process), { room });
    memberships.remove(member, "stopped");
  }

  /** Takes a member that is in its room no more. */
  left(member: Member): void {
    const processId = processOf(member);
    const members = this.#members.get(processId);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(processId);
  }

  /** Hears and looks no more. Harmless when repeated. */
  stop(): void {
    this.#stopWatching();
    this.#stopLooking();
  }

  /** In one turn with the word of it: what was logged before has been delivered before. */
  #changed(processId: string, process: Process | undefined): void {
    if (process !== undefined && !isOver(process)) {
      this.#channels.remember(process);
      this.#tell(process);
      return;
    }
    if (process !== undefined) this.#tell(process);
    const remembered = this.#channels.forget(processId);
    const names = process?.spec.channels ?? remembered;
    const { memberships, logs, settings } = this.#context;
    for (const member of [...this.#membersOf(processId)]) memberships.remove(member, "stopped");
    const keepMs = process === undefined ? 0 : settings.keepRoomMs;
    for (const name of names) void logs.forget(channelRoom({ processId, name }), keepMs);
  }

  #tell(process: Process): void {
    const members = this.#membersOf(process.processid);
    const news = newsOf(process);
    for (const room of new Set(Array.from(members, (member) => member.room))) {
      this.#context.io.local.to(room).emit(PROCESS_EVENT, news, { room });
    }
  }

  #add(member: Member): string {
    const processId = processOf(member);
    const members = this.#members.get(processId);
    if (members === undefined) this.#members.set(processId, new Set([member]));
    else members.add(member);
    return processId;
  }

  #membersOf(processId: string): ReadonlySet<Member> {
    return this.#members.get(processId) ?? NOBODY;
  }

  /** Ends what should have ended already. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (const processId of [...this.#members.keys()]) {
        const process = await this.#context.processes.find(processId);
        if (process === undefined || isOver(process)) this.#changed(processId, process);
      }
    } catch (error) {
      // Where the processes cannot be reached, the next look is soon enough.
      if (!(error instanceof RecordsUnavailable)) this.#context.onCrash(error);
    } finally {
      this.#isLooking = false;
    }
  }
}

/** A member could not be in a room that is no channel. */
function processOf({ room }: Member): string {
  return readChannelRoom(room)?.processId ?? "";
}

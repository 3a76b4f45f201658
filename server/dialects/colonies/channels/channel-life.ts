import type { Server } from "socket.io";
import type { Clock } from "../../../clock.ts";
import { after, all, type Eventual } from "../../../eventual.ts";
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
  readonly logs: Pick<RoomLogs, "forget" | "open">;
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
    if (!this.#context.memberships.isIn(member)) return;
    await this.#letGo(member, process);
    await this.#forget([member.room], process);
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

  #changed(processId: string, process: Process | undefined): void {
    if (process !== undefined && !isOver(process)) {
      this.#channels.remember(process);
      for (const { room } of this.#onePerRoom(processId)) this.#tell(room, process);
      return;
    }
    const remembered = this.#channels.forget(processId);
    const names = process?.spec.channels ?? remembered;
    const rooms = names.map((name) => channelRoom({ processId, name }));
    const ends = this.#onePerRoom(processId).map((member) => this.#letGo(member, process));
    const forgotten = after(all(ends), () => this.#forget(rooms, process));
    if (forgotten instanceof Promise) forgotten.catch(this.#context.onCrash);
  }

  /**
   * Takes all members out of a room, one of whom is given, once they have got what was logged before
   * the end: word of a log and word of a process may come by different ways.
   */
  #letGo(member: Member, process: Process | undefined): Eventual<void> {
    const { room } = member;
    // A process that is removed has no log any more.
    if (process === undefined) return this.#remove(room);
    const asksForNothingOld = { ...member, params: { ...member.params, position: undefined } };
    return after(
      this.#context.logs.open(asksForNothingOld, () => {}),
      () => {
        // In one turn, so that each is told once, whoever else has come meanwhile.
        this.#tell(room, process);
        this.#remove(room);
      },
    );
  }

  #remove(room: string): void {
    const members = this.#membersOf(readChannelRoom(room)?.processId ?? "");
    for (const member of [...members]) {
      if (member.room === room) this.#context.memberships.remove(member, "stopped");
    }
  }

  #forget(rooms: readonly string[], process: Process | undefined): Eventual<unknown> {
    const { logs, settings } = this.#context;
    const keepMs = process === undefined ? 0 : settings.keepRoomMs;
    return all(rooms.map((room) => logs.forget(room, keepMs)));
  }

  #tell(room: string, process: Process): void {
    this.#context.io.local.to(room).emit(PROCESS_EVENT, newsOf(process), { room });
  }

  /** One member of each room that has members here. */
  #onePerRoom(processId: string): readonly Member[] {
    const members = Array.from(
      this.#membersOf(processId),
      (member) => [member.room, member] as const,
    );
    return [...new Map(members).values()];
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

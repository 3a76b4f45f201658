import type { Clock } from "../../../clock.ts";
import type { RefusalCode } from "../../../codes.ts";
import { RecordsUnavailable } from "../../../records/record-store.ts";
import { isOver, type KnownProcesses, NO_TIME, type Process } from "../processes/process.ts";
import { type ChannelName, hasChannel, readChannelRoom } from "./channel-room.ts";

/** What judging the rooms of channels needs of its surroundings. */
export interface RoomJudgeContext {
  readonly processes: Pick<KnownProcesses, "find">;
  readonly clock: Pick<Clock, "now">;
  /** How long a channel is there once its process is over. */
  readonly keepRoomMs: number;
}

/** Tells which rooms of channels there are, and which of them take messages. */
export class RoomJudge {
  readonly #context: RoomJudgeContext;

  constructor(context: RoomJudgeContext) {
    this.#context = context;
  }

  /** Why a room cannot be joined, or undefined if it can. */
  async joinProblem(room: string): Promise<RefusalCode | undefined> {
    return this.#problem(room, (process) => !this.#isForgotten(process));
  }

  /** Why a room takes no messages, or undefined if it does. */
  async pushProblem(room: string): Promise<RefusalCode | undefined> {
    return this.#problem(room, (process) => !isOver(process));
  }

  async #problem(
    room: string,
    isThere: (process: Process) => boolean,
  ): Promise<RefusalCode | undefined> {
    const channel = readChannelRoom(room);
    if (channel === undefined) return "process_missing";
    try {
      const process = await this.#context.processes.find(channel.processId);
      return problemOf(process, channel, isThere);
    } catch (error) {
      if (error instanceof RecordsUnavailable) return "log_unavailable";
      throw error;
    }
  }

  #isForgotten(process: Process): boolean {
    if (!isOver(process) || process.endtime === NO_TIME) return false;
    const { clock, keepRoomMs } = this.#context;
    return clock.now() - Date.parse(process.endtime) >= keepRoomMs;
  }
}

function problemOf(
  process: Process | undefined,
  { name }: ChannelName,
  isThere: (process: Process) => boolean,
): RefusalCode | undefined {
  if (process === undefined) return "process_missing";
  return hasChannel(process, name) && isThere(process) ? undefined : "channel_missing";
}

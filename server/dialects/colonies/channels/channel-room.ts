import { isOver, type Process } from "../processes/process.ts";

/** A channel of a process. */
export interface ChannelName {
  readonly processId: string;
  readonly name: string;
}

/** The name may have colons of its own; the id has none. */
const CHANNEL_ROOM = /^process:([0-9a-f]{64}):(.+)$/su;

/**
 * The room of a channel.
 *
 * @example
 * channelRoom({ processId, name: "output" }); // `process:${processId}:output`
 */
export function channelRoom({ processId, name }: ChannelName): string {
  return `process:${processId}:${name}`;
}

/** The channel that a room is, or undefined for a room that cannot be one. */
export function readChannelRoom(room: string): ChannelName | undefined {
  const [, processId, name] = CHANNEL_ROOM.exec(room) ?? [];
  return processId === undefined || name === undefined ? undefined : { processId, name };
}

/** How long the log of a channel is kept once its process is over. */
export const KEEP_ROOM_MS = 300_000;

/** A pattern that covers all rooms of channels. */
export const CHANNEL_ROOMS = "process:*";

/** Whether a room is the channel of a process, if there is such a process. */
export function isChannelRoom(room: string): boolean {
  return CHANNEL_ROOM.test(room);
}

/** Whether a process has declared a channel, and is not over. */
export function isOpen(process: Process | undefined, name: string): process is Process {
  return process !== undefined && hasChannel(process, name) && !isOver(process);
}

/** Whether a process has declared a channel. */
export function hasChannel({ spec }: Process, name: string): boolean {
  return spec.channels?.includes(name) === true;
}

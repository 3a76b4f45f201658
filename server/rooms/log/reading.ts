import type { Server } from "socket.io";
import type { RefusalCode } from "../../codes.ts";
import { after, type Eventual } from "../../eventual.ts";
import { type Admit, admitUnderEither } from "../admission.ts";
import type { Channel } from "../channel.ts";
import { roomNameProblem } from "../names.ts";
import type { Page } from "./log-store.ts";
import type { RoomLogs } from "./room-logs.ts";

/** Who wants to read which part of which log. */
export interface LogRequest {
  /** The room, by any of its names. */
  readonly room: string;
  readonly token: string | undefined;
  readonly after: number;
  readonly limit: number;
}

/** What a log says, or why it is not shown. */
export type LogReading =
  | { readonly ok: true; readonly page: Page }
  | { readonly ok: false; readonly code: RefusalCode };

/** Reads a part of a log for someone who is no member of its room. */
export type ReadLog = (request: LogRequest) => Eventual<LogReading>;

/** What reading needs of its surroundings. */
export interface ReadingContext {
  readonly io: Server;
  readonly admit: Admit;
  readonly rooms: {
    readonly logs: RoomLogs;
    readonly channels: { of(room: string): Channel | undefined };
    roomOf(name: string): string;
  };
}

/**
 * Makes the function that reads logs for those who may join their rooms. A channel that decides by
 * itself who joins, or what each member is shown, has a log for its members alone.
 */
export function createReadLog(context: ReadingContext): ReadLog {
  const { logs, channels } = context.rooms;
  return ({ room: name, token, after: afterOffset, limit }) => {
    const room = context.rooms.roomOf(name);
    const problem = roomNameProblem(name) ?? roomNameProblem(room);
    if (problem !== undefined) return { ok: false, code: problem };
    if (context.io.of("/").sockets.has(room)) return { ok: false, code: "room_forbidden" };
    const credentials = { joinToken: token, connectionToken: undefined };
    const admission = admitUnderEither(context.admit, [room, name], credentials);
    if (!admission.ok) return admission;
    const channel = channels.of(room);
    if (channel === undefined) return { ok: false, code: "room_unmatched" };
    if (!logs.keeps(room)) return { ok: false, code: "log_missing" };
    if (channel.visit === undefined) return { ok: false, code: "log_private" };
    return after(logs.read(room, afterOffset, limit), (page): LogReading => {
      return page === undefined ? { ok: false, code: "log_unavailable" } : { ok: true, page };
    });
  };
}

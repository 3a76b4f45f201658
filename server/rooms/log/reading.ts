import type { RefusalCode } from "../../codes.ts";
import { after, type Eventual } from "../../eventual.ts";
import { judgeOutsider, type OutsiderRequest, type OutsidersContext } from "../outsiders.ts";
import type { Page } from "./log-store.ts";
import type { RoomLogs } from "./room-logs.ts";

/** Who wants to read which part of which log. */
export interface LogRequest extends OutsiderRequest {
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
export interface ReadingContext extends OutsidersContext {
  readonly rooms: OutsidersContext["rooms"] & { readonly logs: RoomLogs };
}

/**
 * Makes the function that reads logs for those who may join their rooms. A channel that decides by
 * itself who joins, or what each member is shown, has a log for its members alone.
 */
export function createReadLog(context: ReadingContext): ReadLog {
  const { logs } = context.rooms;
  return (request) => {
    const verdict = judgeOutsider(context, request);
    if (!verdict.ok) return verdict;
    const { room, channel } = verdict;
    if (!logs.keeps(room)) return { ok: false, code: "log_missing" };
    if (channel.visit === undefined) return { ok: false, code: "log_private" };
    return after(logs.read(room, request.after, request.limit), (page): LogReading => {
      return page === undefined ? { ok: false, code: "log_unavailable" } : { ok: true, page };
    });
  };
}

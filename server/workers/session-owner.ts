import type { IncomingMessage } from "node:http";
import { urlOf } from "../connections/entrance.ts";
import { sessionTokenOf } from "../connections/long-poll-request.ts";
import { isLongPollToken } from "../connections/long-poll-token.ts";
import { SOCKET_IO_PATH } from "../connections/socket-io.ts";
import { isSocketIoSessionName, workerOf } from "./session-name.ts";

const LONG_POLL = "/longpoll";
const LONG_POLL_PATH = /\/longpoll\/?$/;

/**
 * The worker whose session a request speaks of, or undefined if it speaks of none. The worker may
 * be long gone, or never have been: clients choose what they send.
 */
export function sessionOwner(request: IncomingMessage): number | undefined {
  const { url = "/" } = request;
  const isSocketIo = url.startsWith(SOCKET_IO_PATH);
  if (!isSocketIo && !url.includes(LONG_POLL)) return undefined;
  const name = isSocketIo ? socketIoSession(request) : longPollSession(request);
  return name === undefined ? undefined : workerOf(name);
}

function socketIoSession(request: IncomingMessage): string | undefined {
  const name = urlOf(request)?.searchParams.get("sid") ?? "";
  return isSocketIoSessionName(name) ? name : undefined;
}

function longPollSession(request: IncomingMessage): string | undefined {
  if (!LONG_POLL_PATH.test(urlOf(request)?.pathname ?? "")) return undefined;
  const token = sessionTokenOf(request) ?? "";
  return isLongPollToken(token) ? token : undefined;
}

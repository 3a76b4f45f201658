import type { Failure } from "../wire/outcome.ts";
import type { RequestOf } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";

/** A request that is about a channel. */
export type ChannelRequest = Pick<
  RequestOf<"channelappendmsg" | "channelreadmsg" | "subscribechannelmsg">,
  "msgtype" | "processid" | "name"
>;

const verbs: { readonly [Type in ChannelRequest["msgtype"]]: string } = {
  channelappendmsg: "write to",
  channelreadmsg: "read from",
  subscribechannelmsg: "subscribe to",
};

/** The payload is larger than any may be. */
export const payloadTooLarge: Failure = {
  status: 500,
  message: "message payload exceeds maximum size",
};
/** The channels of the process are appended to too fast. */
export const rateExceeded: Failure = { status: 500, message: "rate limit exceeded" };
/** The channel takes no more. */
export const logFull: Failure = { status: 500, message: "channel log is full" };

/** There is no such process. */
export function processMissing({ msgtype }: ChannelRequest): Failure {
  return { status: 404, message: `${phraseOf(msgtype)}, process not found` };
}

/** The process has not declared the channel, or is over. */
export function channelMissing({ msgtype }: ChannelRequest): Failure {
  return { status: 404, message: `${phraseOf(msgtype)}, channel not found` };
}

/** The user is neither the submitter of the process nor its executor. */
export function notAuthorised({ msgtype }: ChannelRequest): Failure {
  return { status: 403, message: `Not authorized to ${verbs[msgtype]} channel` };
}

/** The processes, or the log, cannot be reached. */
export function storageUnreachable({ msgtype }: ChannelRequest): Failure {
  return { status: 503, message: `${phraseOf(msgtype)}, storage not reachable` };
}

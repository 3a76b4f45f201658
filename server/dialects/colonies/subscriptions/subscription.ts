import { Message } from "../../../connections/message.ts";
import { encodeFailure, encodeReply } from "../wire/codec.ts";
import type { Failure } from "../wire/outcome.ts";
import type { RequestType } from "../wire/request.ts";

/** Something that a client waits for at its connection. */
export interface Subscription {
  /** Ends it without a word to the client. Harmless when repeated. */
  stop(): void;
}

/** The types of requests that begin a subscription. */
export type SubscriptionType = Extract<RequestType, "subscribeprocessmsg" | "subscribechannelmsg">;

/** What a subscription does with its client. */
export interface Outlet {
  /** Sends a frame; nothing once the connection has ended. */
  send(message: Message): void;
  /**
   * Says that a subscription is over by itself. The connection is closed if it was the last one.
   *
   * @param failure what the client is told first
   */
  over(subscription: Subscription, failure?: Failure): void;
}

/** Longest that a subscription lasts, in seconds. */
const MAX_TIMEOUT_SECS = 86_400;

/** How long a subscription lasts, in ms. */
export function lifeMsOf(timeoutSecs: number): number {
  return Math.min(timeoutSecs, MAX_TIMEOUT_SECS) * 1000;
}

/** A frame with what a subscription is told. */
export function frameOf(type: SubscriptionType, inner: unknown): Message {
  return new Message(encodeReply(type, inner));
}

/** A frame with what has gone wrong. */
export function failureFrame(failure: Failure): Message {
  return new Message(encodeFailure(failure));
}

/**
 * What a client should do after a refusal or a close.
 *
 * - `never`: the same request will never succeed; do not repeat it.
 * - `backoff`: try again, waiting longer each time.
 * - `now`: come back at once.
 * - `refresh_token`: fetch a new token first.
 */
export type Advice = "never" | "backoff" | "now" | "refresh_token";

/** One way a join, leave or push can be refused. */
export interface Refusal {
  /** Short English text for people, in Phoenix's own words where Phoenix has them. */
  readonly reason: string;
  /** What a client should do next. */
  readonly next: Advice;
}

/**
 * Every refusal by its stable code. Clients compare the code; the reason is for people.
 *
 * `unmatched topic`, `too many channels joined` and `join crashed` are Phoenix's words, and
 * phoenix.js applications compare them.
 */
export const refusals = {
  token_missing: { reason: "token missing", next: "refresh_token" },
  token_invalid: { reason: "token invalid", next: "refresh_token" },
  token_expired: { reason: "token expired", next: "refresh_token" },
  room_forbidden: { reason: "token does not cover this room", next: "refresh_token" },
  room_name_invalid: {
    reason: "room name must be 1 to 255 bytes without control characters",
    next: "never",
  },
  room_unmatched: { reason: "unmatched topic", next: "never" },
  room_not_joined: { reason: "unmatched topic", next: "now" },
  rooms_exhausted: { reason: "too many channels joined", next: "never" },
  room_missing: { reason: "message names no room in _room", next: "never" },
  frame_invalid: { reason: "frame is not JSON", next: "never" },
  request_invalid: { reason: "request must be a JSON object", next: "never" },
  groups_invalid: {
    reason: "groups must be an object of lists of event types or ids",
    next: "never",
  },
  group_name_invalid: {
    reason: "group name must be 1 to 99 of A-Z a-z 0-9 _ . -",
    next: "never",
  },
  group_denied: { reason: "access denied to channel", next: "never" },
  id_invalid: { reason: "_id must be a string or a number", next: "never" },
  event_name_invalid: {
    reason: "event name must be 1 to 255 bytes without control characters",
    next: "never",
  },
  event_name_reserved: { reason: "event name is reserved", next: "never" },
  event_has_colon: {
    reason: "an event that goes to backends may not contain a colon",
    next: "never",
  },
  event_unknown: { reason: "unknown event; use join, leave or push", next: "never" },
  event_unhandled: { reason: "no handler for this event", next: "never" },
  payload_invalid: { reason: "payload invalid", next: "never" },
  since_invalid: {
    reason: "since must be a whole number from 0, and epoch a string",
    next: "never",
  },
  numbering_invalid: {
    reason: "_sequence and _inreplyto must be whole numbers from 1, and _type data, end or error",
    next: "never",
  },
  process_missing: { reason: "process not found", next: "never" },
  channel_missing: { reason: "channel not found", next: "never" },
  log_missing: { reason: "room keeps no log", next: "never" },
  log_private: { reason: "log is for the room's members alone", next: "never" },
  presence_private: { reason: "presence is for the room's members alone", next: "never" },
  range_invalid: {
    reason: "after must be a whole number from 0, and limit one from 1 to 1000",
    next: "never",
  },
  log_unavailable: { reason: "log cannot be reached", next: "backoff" },
  messages_missed: { reason: "messages may have been missed", next: "now" },
  log_full: { reason: "log is full", next: "never" },
  payload_missing: { reason: "message has no payload", next: "never" },
  except_invalid: {
    reason: "except must be the name of a connection or a list of them",
    next: "never",
  },
  message_invalid: {
    reason: "body must be a message, a list of messages or an object with the list messages",
    next: "never",
  },
  messages_exhausted: { reason: "more than 1000 messages in one body", next: "never" },
  body_not_json: { reason: "body is not JSON in UTF-8", next: "never" },
  content_type_invalid: { reason: "body must be application/json, uncompressed", next: "never" },
  too_large: { reason: "too large", next: "never" },
  binary_unsupported: { reason: "reply is binary", next: "never" },
  backends_unreachable: { reason: "backends unreachable", next: "backoff" },
  too_many_waiting: { reason: "too many requests waiting", next: "backoff" },
  join_crashed: { reason: "join crashed", next: "backoff" },
  push_crashed: { reason: "channel_crash", next: "backoff" },
} as const satisfies Record<string, Refusal>;

/** The stable name of a refusal. */
export type RefusalCode = keyof typeof refusals;

/** One way the server ends a connection. */
export interface Close {
  /**
   * WebSocket close code. Never 1000 where a client should come back: phoenix.js before 1.8.16
   * stays away after it.
   */
  readonly code: number;
  /** Text of the close frame, at most 123 bytes. */
  readonly reason: string;
  /** What a client should do next. */
  readonly next: Advice;
}

/** Every close by its stable name. */
export const closes = {
  server_disconnect: { code: 1001, reason: "disconnected by the server", next: "backoff" },
  idle: { code: 1002, reason: "no data within the idle time-out", next: "now" },
  too_large: { code: 1009, reason: "frame too large", next: "never" },
  connect_refused: { code: 4403, reason: "connection refused", next: "never" },
  connect_unauthorized: { code: 4401, reason: "token not accepted", next: "refresh_token" },
  connect_later: { code: 1013, reason: "try again later", next: "backoff" },
  origin_refused: { code: 4403, reason: "origin not allowed", next: "never" },
  subprotocol_refused: { code: 4403, reason: "sub-protocol not supported", next: "never" },
  version_refused: { code: 4403, reason: "vsn not supported", next: "never" },
  query_refused: { code: 4400, reason: "query has too many params", next: "never" },
  bad_frame: { code: 1011, reason: "frame not understood", next: "backoff" },
  crashed: { code: 1011, reason: "internal error", next: "backoff" },
  restart: { code: 1012, reason: "server restarting", next: "now" },
  slow_reader: { code: 1013, reason: "reading too slowly", next: "backoff" },
  unknown_dialect: { code: 4400, reason: "dialect not understood", next: "never" },
  connect_busy: { code: 4429, reason: "try again later", next: "backoff" },
  subscription_over: { code: 1000, reason: "subscription over", next: "never" },
  no_dialect: { code: 4408, reason: "no dialect shown in time", next: "never" },
} as const satisfies Record<string, Close>;

/** The stable name of a close. */
export type CloseName = keyof typeof closes;

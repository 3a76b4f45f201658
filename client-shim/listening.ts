import type { Core } from "./core.ts";
import { ChannelError } from "./errors.ts";
import type { CloseInfo } from "./websocket.ts";

// Every runtime has one; declared here so that no library of types is needed.
declare const console: { error(...details: readonly unknown[]): void };

/** Where a message comes from. */
export interface MessageMeta {
  /** Undefined for a message without a room. */
  readonly room: string | undefined;
  /** `message` unless its sender called it otherwise. */
  readonly event: string;
}

/** Hears messages. May be async. */
export type MessageHandler<Message = unknown> = (message: Message, meta: MessageMeta) => unknown;

/** Hears failures. May be async. */
export type ErrorHandler = (error: ChannelError) => unknown;

/** Hears the start of a connection. May be async. */
export type OpenHandler = (event: unknown) => unknown;

/** Hears the end of a connection, or of an attempt. May be async. */
export type CloseHandler = (event: CloseInfo) => unknown;

/** A handler of any kind. */
export type AnyHandler = (...details: never[]) => unknown;

/** The part of a Channel that has to do with handlers. */
export interface Listening {
  /** Hears each connection when it is open. Returns the handler, as all `on_…` do. */
  on_open<Handler extends OpenHandler>(handler: Handler): Handler;
  /** Hears all messages, of every room and of none, after the handlers of their rooms. */
  on_message<Message = unknown>(handler: MessageHandler<Message>): MessageHandler<Message>;
  /** Hears failures that no promise tells, and those of connecting. Without one, the console does. */
  on_error<Handler extends ErrorHandler>(handler: Handler): Handler;
  /** Hears the end of each connection, and of each attempt to make one. */
  on_close<Handler extends CloseHandler>(handler: Handler): Handler;
  /** Hears the messages of one room, whether or not it is joined yet. */
  on_room_message<Message = unknown>(
    room: string,
    handler: MessageHandler<Message>,
  ): MessageHandler<Message>;
  /** Removes a handler of opens, messages, errors and closes; says whether it was one. */
  remove_handler(handler: AnyHandler): boolean;
  /** Removes a handler of a room; says whether it was one. */
  remove_room_handler(room: string, handler: AnyHandler): boolean;
  /** Removes all handlers, those of rooms too. */
  clear_handlers(): void;
  /** Removes the handlers of a room, or of all rooms. */
  clear_room_handlers(room?: string): void;
}

/** What the other parts may ask of the handlers. A kind is a word, or `/` and the name of a room. */
export interface ListeningCore {
  listen<Handler extends AnyHandler>(kind: string, handler: Handler): Handler;
  unlisten(kind: string, handler: AnyHandler): boolean;
  /** Runs handlers in their order, without waiting for those that are async; says how many. */
  run(kind: string, ...details: readonly unknown[]): number;
  report(error: ChannelError): undefined;
}

/** Gives a Channel its handlers. */
export function addListening(core: Core): void {
  const kinds = ["open", "message", "error", "close"];
  let handlers: readonly (readonly [kind: string, handler: AnyHandler])[] = [];

  core.listen = (kind, handler) => {
    handlers = [...handlers, [kind, handler]];
    return handler;
  };
  core.unlisten = (kind, handler) => {
    const found = handlers.find((pair) => pair[0] === kind && pair[1] === handler);
    handlers = handlers.filter((pair) => pair !== found);
    return !!found;
  };
  core.run = (wanted, ...details) => {
    const list = handlers.filter(([kind]) => kind === wanted);
    for (const [, handler] of list) {
      (async () => handler(...(details as never[])))().catch((cause) => {
        if (wanted === "error") console.error(cause);
        else core.report(new ChannelError("handler_failed", undefined, cause, cause));
      });
    }
    return list.length;
  };
  core.report = (error) => {
    if (!core.run("error", error)) console.error(error);
  };
  const members = core as unknown as Record<string, unknown>;
  for (const kind of kinds)
    members[`on_${kind}`] = (handler: AnyHandler) => core.listen(kind, handler);
  core.on_room_message = (room, handler) => core.listen(`/${room}`, handler);
  core.remove_handler = (handler) =>
    kinds.filter((kind) => core.unlisten(kind, handler)).length > 0;
  core.remove_room_handler = (room, handler) => core.unlisten(`/${room}`, handler);
  core.clear_handlers = () => {
    handlers = handlers.filter(([kind]) => kind === "state");
  };
  core.clear_room_handlers = (room) => {
    handlers = handlers.filter(([kind]) => kind !== `/${room ?? kind.slice(1)}`);
  };
}

export {
  Channel,
  type ChannelClass,
  type ChannelTarget,
} from "./channel.ts";
export type { ChannelClock } from "./clock.ts";
export type {
  ClientToServerEvents,
  PhoenixChannel,
  PhoenixPush,
  PhoenixSocket,
  Refused,
  Reply,
  RoomMeta,
  RoomSocket,
  ServerToClientEvents,
} from "./contract.ts";
export { ChannelConnectionError, ChannelError, ChannelMessageError } from "./errors.ts";
export type {
  CloseHandler,
  ErrorHandler,
  MessageHandler,
  MessageMeta,
  OpenHandler,
} from "./listening.ts";
export type { RoomOption } from "./outbox.ts";
export type { ChannelOptions, ChannelSettings } from "./settings.ts";
export type { Signal } from "./signals.ts";
export { ChannelState } from "./state.ts";
export type { CloseInfo, WebSocketClass, WebSocketLike } from "./websocket.ts";

export {
  Channel,
  type ChannelClass,
  type ChannelTarget,
  type RoomOption,
  type Signal,
} from "./channel.ts";
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
export type { ChannelClock } from "./runtime.ts";
export type { ChannelOptions, ChannelSettings } from "./settings.ts";
export { ChannelState } from "./state.ts";
export type { CloseInfo, WebSocketClass, WebSocketLike } from "./websocket.ts";

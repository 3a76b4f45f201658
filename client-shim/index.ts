export type {
  ClientToServerEvents,
  Refused,
  Reply,
  RoomMeta,
  RoomSocket,
  ServerToClientEvents,
} from "./contract.ts";
export { type JoinedRoom, joinRoom, RefusedError } from "./joined-room.ts";

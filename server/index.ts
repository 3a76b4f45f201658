export type { ApplicationServer } from "./attach.ts";
export {
  type Advice,
  type Close,
  type CloseName,
  closes,
  type Refusal,
  type RefusalCode,
  refusals,
} from "./codes.ts";
export { type Commonroom, createCommonroom, type Surroundings } from "./commonroom.ts";
export type { ConnectHook, ConnectRequest, ConnectResult } from "./connections/connect.ts";
export type {
  CanSee,
  ResolveUser,
  TowerUpgrade,
  TowerUser,
} from "./dialects/tower/hooks.ts";
export type { ListenAddress } from "./listen.ts";
export type { CommonroomOptions, RoomSettings } from "./options.ts";
export type {
  Candidate,
  ChannelMember,
  MemberPresence,
  PushRequest,
} from "./rooms/channel-member.ts";
export {
  accept,
  type ChannelDefinition,
  defineChannel,
  type LeaveReason,
  reject,
  reply,
  replyError,
} from "./rooms/definition.ts";
export type { PresenceMeta, PresenceState } from "./rooms/presence.ts";
export type { Reply } from "./rooms/reply.ts";
export type { Status } from "./status.ts";

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
export type { ListenAddress } from "./listen.ts";
export type { CommonroomOptions, RoomSettings } from "./options.ts";
export type { Reply } from "./rooms/reply.ts";
export type { Status } from "./status.ts";

import type { Limits, TowerOptions } from "../../options.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import type { Permissions } from "./permissions.ts";
import type { Subscribers } from "./subscribers.ts";
import type { Visitors } from "./visitors.ts";

/** What a Tower session needs of its surroundings. */
export interface TowerContext {
  readonly rooms: Rooms;
  readonly visitors: Visitors;
  readonly permissions: Permissions;
  /** Told of what the client is in; undefined where no relay is listened to. */
  readonly subscribers: Subscribers | undefined;
  readonly profile: TowerOptions["profile"];
  readonly limits: Pick<Limits, "maxRoomsPerConnection" | "maxWaitingPushes">;
  /** Takes what a request threw. */
  readonly onCrash: (error: unknown) => void;
}

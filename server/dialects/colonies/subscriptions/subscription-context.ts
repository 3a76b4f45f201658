import type { Clock } from "../../../clock.ts";
import type { Limits } from "../../../options.ts";
import type { Rooms } from "../../../rooms/rooms.ts";
import type { Channels } from "../channels/channels.ts";
import type { KnownProcesses, Membership } from "../processes/process.ts";
import type { Signatures } from "../signatures/signatures.ts";
import type { SubscriptionWatches } from "./subscription-watches.ts";

/** What subscriptions need of the server around them. */
export interface SubscriptionSurroundings {
  readonly signatures: Pick<Signatures, "signer">;
  readonly processes: KnownProcesses;
  readonly membership: Membership;
  readonly channels: Pick<Channels, "authorise" | "reader">;
  readonly rooms: Pick<Rooms, "join" | "leave">;
  /** A token with which an identity may join the rooms of its channels. */
  readonly passFor: (identity: string) => string;
  readonly clock: Clock;
  readonly limits: Pick<Limits, "maxBacklogBytes">;
  /** Takes what went wrong in the server itself; the client has been told. */
  readonly onCrash: (error: unknown) => void;
}

/** What subscriptions need. */
export interface SubscriptionContext extends SubscriptionSurroundings {
  readonly watches: SubscriptionWatches;
}

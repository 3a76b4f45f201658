import type { Carrier, CarrierEvents } from "./carrier.ts";
import type { Link } from "./link.ts";
import type { Listening, ListeningCore } from "./listening.ts";
import type { Outbox, OutboxCore } from "./outbox.ts";
import type { Rooms, RoomsCore } from "./rooms.ts";
import type { ChannelSettings } from "./settings.ts";
import type { Signals } from "./signals.ts";
import type { ChannelState } from "./state.ts";

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** The states of a Channel under both kinds of name, which its link keeps up to date. */
interface StateFields {
  state: ChannelState;
  ready_state: number;
  readyState: number;
  is_connected: boolean;
  isConnected: boolean;
  is_connecting: boolean;
  isConnecting: boolean;
}

/**
 * A Channel as its parts see it. Each part puts its members on it: that takes fewer bytes than
 * classes that know of each other.
 */
export interface Core
  extends ChannelSettings,
    StateFields,
    Listening,
    ListeningCore,
    Omit<Link, keyof StateFields>,
    Outbox,
    OutboxCore,
    Rooms,
    RoomsCore,
    Mutable<CarrierEvents>,
    Mutable<Signals> {
  url: unknown;
  carrier: Carrier;
  /** Attempts of the reconnect that is under way. */
  attempts: number;
  /** Stops the timer of the state. */
  stop: (() => void) | undefined;
}

import type { CarrierEvents } from "./carrier.ts";
import type { Core } from "./core.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { ChannelConnectionError, type ChannelError, refusedBy } from "./errors.ts";
import { guarded } from "./guarded.ts";
import { ChannelState } from "./state.ts";

/** How long a refusal may take that comes right behind the handshake. */
const GRACE_MS = 50;

/** A connection that has lasted this long counts as a good one, however short the delay. */
const MIN_STABLE_S = 1;

/** The longest wait before an attempt, unless the first one's is longer. */
const MAX_DELAY_S = 30;

/** The part of a Channel that makes a connection, keeps it, makes it again, and ends it. */
export interface Link {
  /** How the connection is. Between the attempts of a reconnect: connecting. */
  readonly state: ChannelState;
  /** The state in WebSocket's numbers: 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly ready_state: number;
  /** Whether the state is `open`. */
  readonly is_connected: boolean;
  /** Whether the state is `connecting`. */
  readonly is_connecting: boolean;
  /**
   * Connects. Does nothing while open; joins an attempt that is under way.
   *
   * @returns once the server has let the connection in
   * @throws ChannelConnectionError if this attempt fails. With `auto_reconnect` more attempts follow
   */
  connect(): Promise<void>;
  /**
   * Ends the connection, or what there is of one; nothing comes back by itself. Rooms and queued
   * messages are kept for the next `connect`. A borrowed socket stays open: its rooms are left.
   *
   * @param code 1000, the default, or 3000 to 4999
   * @throws ChannelConnectionError if WebSocket does not allow the code or the reason
   */
  close(code?: number, reason?: string): Promise<void>;
}

/** What the other parts may ask of the link. */
export interface LinkCore extends Pick<CarrierEvents, "connected" | "opened" | "closed"> {
  refused: CarrierEvents["refused"];
}

/** Gives a Channel its connection. */
export function addLink(core: Core): void {
  let attempt: Deferred<void> | undefined;
  let ending: Deferred<void> | undefined;
  let attempts = 0;
  let opening: unknown;
  let refusal: ChannelError | undefined;
  let stop: (() => void) | undefined;

  /** Changes the state, and with it the one timer that a state may have. */
  const set = (state: ChannelState, delayMs = 0, task?: () => unknown): void => {
    const before = core.state;
    core.state = state;
    core.ready_state = core.readyState = Object.values(ChannelState).indexOf(state);
    core.is_connected = core.isConnected = state === "open";
    core.is_connecting = core.isConnecting = state === "connecting";
    stop?.();
    stop = task && core.clock.after(delayMs, task);
    if (state !== before) core.run("state");
  };

  const begin = (): Deferred<void> => {
    attempt = deferred();
    const { promise } = attempt;
    ...
  };
}

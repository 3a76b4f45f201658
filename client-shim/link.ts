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

/** Gives a Channel its connection. */
export function addLink(core: Core): void {
  let attempt: Deferred<void> | undefined;
  let ending: Deferred<void> | undefined;
  let opening: unknown;
  let refusal: ChannelError | undefined;

  const begin = (): Promise<void> => {
    const made = deferred<void>();
    attempt = made;
    set(core, "connecting");
    try {
      // A listener to the state may have closed it again.
      if (core.is_connecting) core.carrier.open();
    } catch (cause) {
      core.closed({ code: 1006, reason: `${cause}` }, true);
    }
    return made.promise;
  };

  core.connect = () =>
    guarded(async () => {
      if (ending) await ending.promise;
      if (!core.is_connected) await (attempt?.promise ?? begin());
    });
  core.close = (code = 1000, reason = "Normal closure") => {
    const close = async (): Promise<void> => {
      if (core.is_connected || core.is_connecting) {
        const { isReady, leave } = core.carrier;
        if (!isReady) for (const [room] of core.rooms) leave(room, () => {});
        const isPending = core.carrier.close(code, reason);
        ending = deferred();
        set(core, "closing");
        if (!isPending) core.closed({ code, reason, wasClean: true });
      }
      await ending?.promise;
    };
    return guarded(close, undefined, ChannelConnectionError);
  };
  core.connected = (event = { type: "open" }) => {
    opening = event;
    set(core, "connecting", GRACE_MS, core.opened);
    if (!core.carrier.isReady) core.opened();
  };
  core.opened = () => {
    // One that is ending already takes nothing any more; `closed` follows.
    if (!core.is_connecting || core.carrier.isReady?.() === false) return;
    core.flush();
    set(core, "open", Math.max(MIN_STABLE_S, core.reconnect_delay) * 1000, () => {
      core.attempts = 0;
    });
    core.run("open", opening);
    attempt = attempt?.resolve() as undefined;
    refusal &&= core.report(refusal);
  };
  core.refused = (answer, room) => {
    if (core.is_connecting) refusal = refusedBy(answer, room, ChannelConnectionError);
    else core.report(refusedBy(answer, room));
  };
  core.closed = (event, isFinal, reason) => {
    if (core.ready_state === 3) return;
    const error =
      refusal ?? new ChannelConnectionError("not_connected", undefined, event.reason || reason);
    const failed = attempt;
    const ended = ending;
    attempt = ending = refusal = undefined;
    set(core, "closed");
    core.lost();
    core.run("close", event);
    failed?.reject(error);
    ended?.resolve();
    if (!ended && (failed || isFinal)) core.report(error);
    // A handler may have connected again.
    if (core.ready_state === 3) goOn(core, begin, error, isFinal || ended);
  };
  core.attempts = 0;
  set(core, "closed");
}

/** Changes the state, and with it the one timer that a state may have. */
function set(core: Core, state: ChannelState, delayMs?: number, task?: () => unknown): void {
  const before = core.state;
  core.state = state;
  core.ready_state = core.readyState = Object.values(ChannelState).indexOf(state);
  core.is_connected = core.isConnected = state === "open";
  core.is_connecting = core.isConnecting = state === "connecting";
  core.stop?.();
  core.stop = task && core.clock.after(delayMs as number, task);
  if (state !== before) core.run("state");
}

/** What becomes of a connection that has ended: another attempt, or the end. */
function goOn(core: Core, begin: () => unknown, error: ChannelError, isFinal: unknown): void {
  const { isReady } = core.carrier;
  const delayS = core.reconnect_delay;
  const isOver = isFinal || (isReady && !core.auto_reconnect);
  if (isOver || core.attempts >= (core.max_reconnect_attempts ?? Number.POSITIVE_INFINITY)) {
    const end = isOver ? error : new ChannelConnectionError("gave_up");
    core.attempts = 0;
    core.abandoned(end);
    if (!isOver) core.report(end);
  } else {
    const waitS = Math.min(delayS * 2 ** core.attempts++, Math.max(MAX_DELAY_S, delayS));
    const retry = (): unknown => (core.auto_reconnect ? begin() : core.close());
    set(core, "connecting", waitS * 500 * (1 + core.clock.random()), isReady && retry);
  }
}

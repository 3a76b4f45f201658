import type { Core } from "./core.ts";
import type { ChannelState } from "./state.ts";

/** A value that changes: call it to read it. */
export interface Signal<Value> {
  (): Value;
  /** Hears each new value; the returned function stops that. */
  subscribe(listener: (value: Value) => void): () => void;
}

/** The part of a Channel that tells of its state. */
export interface Signals {
  /** Reads the state when called; `subscribe` hears its changes. */
  readonly state_signal: Signal<ChannelState>;
  /** Like `state_signal`, in WebSocket's numbers. */
  readonly ready_state_signal: Signal<number>;
}

/** Gives a Channel its signals. */
export function addSignals(core: Core): void {
  const signal = <Value>(read: () => Value): Signal<Value> =>
    Object.assign(read, {
      subscribe: (listener: (value: Value) => void) => {
        const watcher = core.listen("state", () => listener(read()));
        return () => core.unlisten("state", watcher);
      },
    });
  core.state_signal = signal(() => core.state);
  core.ready_state_signal = signal(() => core.ready_state);
}

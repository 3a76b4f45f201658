import { type CamelCased, camelCase } from "./camel-case.ts";
import { type ChannelClock, systemClock } from "./clock.ts";
import { isObject } from "./payload.ts";
import type { WebSocketClass } from "./websocket.ts";

/** What a Channel goes by. All may be changed at any time, and count from then on. */
export interface ChannelSettings {
  /** Sub-protocols to offer. */
  protocols: string | string[] | undefined;
  /** Whether to come back by itself, and to queue meanwhile. Default false. */
  auto_reconnect: boolean;
  /** Seconds before the first new attempt; each one after that waits twice as long. Default 1. */
  reconnect_delay: number;
  /** Attempts in a row before giving up. Default null: for ever. */
  max_reconnect_attempts: number | null;
  /** The class to connect with. Default the global `WebSocket`; Node 20 has none. */
  WebSocket: WebSocketClass | undefined;
  /** Messages that may wait for the connection. Default 1000. */
  max_queued: number;
  /** Milliseconds that joins, leaves and pushes wait for an answer. Default 10,000. */
  join_timeout_ms: number;
  /** Timers and chance, for tests. */
  clock: ChannelClock;
}

type Lenient<Type> = { readonly [Name in keyof Type]?: Type[Name] | undefined };

/** Options of a Channel; see {@link ChannelSettings}. */
export type ChannelOptions = Lenient<ChannelSettings> & Lenient<CamelCased<ChannelSettings>>;

/**
 * Gives a Channel its settings.
 *
 * @param values options under either kind of name, or values in the order of the settings
 */
export function addSettings(core: ChannelSettings, values: readonly unknown[]): void {
  const [options] = values;
  const defaults: ChannelSettings = {
    protocols: undefined,
    auto_reconnect: false,
    reconnect_delay: 1,
    max_reconnect_attempts: null,
    WebSocket: (globalThis as { readonly WebSocket?: WebSocketClass }).WebSocket,
    max_queued: 1000,
    join_timeout_ms: 10_000,
    clock: systemClock,
  };
  const settings: [name: string, byDefault: unknown][] = Object.entries(defaults);
  settings.forEach(([name, byDefault], index) => {
    const given = isObject(options) ? (options[name] ?? options[camelCase(name)]) : values[index];
    (core as object as Record<string, unknown>)[name] = given ?? byDefault;
  });
}

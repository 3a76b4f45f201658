import type { Eventual } from "../eventual.ts";

/** The way from the rooms to the programs on Redis. The bus provides it. */
export interface Backends {
  /**
   * Tells the backends of an event in a room.
   *
   * @returns whether it was sent; false when there is no Redis, or it is not reachable now
   */
  publish(room: string, event: string, payload: unknown): boolean;
  /**
   * Tells a room's members on every node, and whoever listens to `to:`.
   *
   * @returns whether it was sent; if not, the caller tells this node's members itself
   */
  announce(room: string, event: string, payload: unknown): boolean;
  /**
   * Hears what backends and other nodes send to a room, which has members here or will have them.
   *
   * @returns once it is heard, or after a short wait; at once where it is heard already
   */
  hear(room: string): Eventual<void>;
  /** Whether a Redis is configured at all. */
  readonly isConfigured: boolean;
}

/** The backends of a server without Redis: nobody. */
export const noBackends: Backends = {
  publish: () => false,
  announce: () => false,
  hear: () => undefined,
  isConfigured: false,
};

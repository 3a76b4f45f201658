import type { IncomingHttpHeaders } from "node:http";

/** A client that wants to connect, as the application's hook sees it. Nothing of it is logged. */
export interface ConnectRequest {
  /** What the client speaks. */
  readonly dialect: "phoenix" | "socketio" | "plain" | "tower" | "colonies" | "events";
  /**
   * Phoenix: the query, nested as its brackets say. Socket.IO: the same, with the client's `auth`
   * laid over it. Without a prototype: every key is the client's.
   */
  readonly params: Readonly<Record<string, unknown>>;
  /** The connection's token, wherever it came from. It has not been verified. */
  readonly token: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** IP address of the peer, which may be a proxy's. */
  readonly address: string;
  /** Path and query of the request, as they came. */
  readonly url: string;
}

/** What the application's hook makes of a client. */
export type ConnectResult =
  | {
      readonly ok: true;
      /** Names the connection's user, so that `disconnect(id)` finds all its connections. */
      readonly id?: string | undefined;
    }
  | {
      readonly ok: false;
      /** Told to the client. */
      readonly reason: string;
      /** HTTP status, 400 to 599. Default: 403. */
      readonly status?: number | undefined;
    };

/**
 * Decides who may connect, before the upgrade. While it is pending the client waits, at most
 * `limits.dialectTimeoutMs`. One that throws refuses the client, and is logged.
 *
 * @example
 * const connect: ConnectHook = async ({ token }) => {
 *   const user = await findUser(token);
 *   return user === undefined
 *     ? { ok: false, reason: "sign in first", status: 401 }
 *     : { ok: true, id: user.id };
 * };
 */
export type ConnectHook = (request: ConnectRequest) => ConnectResult | Promise<ConnectResult>;

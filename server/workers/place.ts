import type { Server as HttpServer } from "node:http";
import type { Server as SocketIoServer } from "socket.io";
import type { Adapter } from "socket.io-adapter";
import type { Counters } from "../counters.ts";
import type { PresenceLink } from "../presence/link.ts";
import type { LostBroadcasts } from "../rooms/interruption.ts";

/** What a node is told that is one of several worker processes of one server. */
export interface WorkerPlace {
  /** Its number among them, from 1. A worker that takes the place of another has the same. */
  readonly number: number;
  /** What an open house signs with: one secret for all workers. */
  readonly runSecret: string;
  /** Makes the Socket.IO adapter of a namespace, where there is no Redis to meet at. */
  readonly createAdapter: (namespace: unknown) => Adapter;
  /** Joins the workers' presences, where there is no Redis to meet at. */
  readonly presenceLink: PresenceLink;
  /** Takes broadcasts that did not get from a sibling to this worker. Called once, at the start. */
  readonly hearLosses: (onLost: (broadcasts: LostBroadcasts) => void) => void;
  /** What the node counts, and its channel to the siblings with it. */
  readonly counters: Counters;
  /** Makes the secret name of a Phoenix long-poll session, which tells its worker. */
  readonly createLongPollToken: () => string;
  /**
   * Gives the node's HTTP server the requests of its own sessions only. Called once, when the
   * server has all its listeners.
   */
  readonly front: (http: HttpServer, io: SocketIoServer) => void;
}

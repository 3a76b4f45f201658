import type { ListenAddress } from "../listen.ts";
import type { Options } from "../options.ts";
import type { LostBroadcasts } from "../rooms/interruption.ts";
import type { Status } from "../status.ts";
import type { Bundle } from "./post.ts";

/** What a worker tells its primary. */
export type ToPrimary =
  /** It runs, and wants to know what for. */
  | { readonly commonroom: "hello" }
  /** It serves. */
  | {
      readonly commonroom: "listening";
      readonly address: ListenAddress;
      /** Where its siblings reach it. */
      readonly innerPort: number;
      readonly redis: Status["redis"];
    }
  /** It cannot serve, and ends: why, in one line. */
  | { readonly commonroom: "failed"; readonly problem: string }
  /** Parcels for all its siblings. */
  | ({ readonly commonroom: "parcels" } & Bundle)
  /** A connection for one of them, which comes along. */
  | { readonly commonroom: "connection"; readonly worker: number; readonly bytes: Uint8Array };

/** What a primary tells a worker. */
export type ToWorker =
  | ({ readonly commonroom: "start" } & Assignment)
  /** Those that serve now, by their numbers, with the ports where their siblings reach them. */
  | { readonly commonroom: "siblings"; readonly ports: ReadonlyMap<number, number> }
  | { readonly commonroom: "stop" }
  | { readonly commonroom: "parcels"; readonly bytes: Uint8Array }
  /** What was not passed on to it, since too much was waiting. */
  | ({ readonly commonroom: "lost"; readonly broadcasts: number } & LostBroadcasts)
  | { readonly commonroom: "connection"; readonly bytes: Uint8Array };

/** What a worker is to do. */
export interface Assignment {
  /** Its number among its siblings, from 1. One that replaces another has that one's. */
  readonly worker: number;
  readonly options: Options;
  /** What an open house signs with: one secret for all of them. */
  readonly runSecret: string;
}

/**
 * Whether a worker's message is one of ours: Node's own pass on the channel too. Nobody else can
 * write to it, so what ours bring is not checked again.
 */
export function isFromWorker(message: unknown): message is ToPrimary {
  return isOurs(message);
}

/** The same of the primary's messages. */
export function isFromPrimary(message: unknown): message is ToWorker {
  return isOurs(message);
}

function isOurs(message: unknown): boolean {
  return typeof message === "object" && message !== null && "commonroom" in message;
}

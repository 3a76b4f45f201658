import type { IncomingMessage, ServerResponse } from "node:http";
import type { Router } from "express";
import type { Verify } from "../auth/token-verifier.ts";
import type { AuthOptions } from "../options.ts";
import type { ReadLog } from "../rooms/log/reading.ts";
import type { ReadPresence } from "../rooms/presence-reading.ts";
import type { Publish } from "../rooms/publishing.ts";
import type { Readiness } from "./ready-route.ts";

/**
 * Takes the body of an answer, JSON, or undefined if the client is to come back later. With `isLast`
 * nothing follows on this TCP connection.
 */
export type LongPollAnswer = (body: string | Buffer | undefined, isLast?: boolean) => void;

/** Clients that ask for their messages again and again. */
export interface LongPolling {
  /**
   * Opens a session, or waits for the messages of one.
   *
   * @param answer called once, now or later
   * @returns a function to be called when the request is cut off
   */
  get(request: IncomingMessage, answer: LongPollAnswer): () => void;
  /** Takes what a session's client sends. */
  post(request: IncomingMessage, body: Buffer): string | undefined;
}

/** Takes the decision on a request for a room's events. Called once, now or later. */
export interface EventsAsker {
  /** The client is in the room: its answer begins. */
  accept(): void;
  /**
   * The client is not let in.
   *
   * @param status HTTP status; undefined where the response's `code` says it
   * @param response `{reason, code}`, or what the room's channel says
   */
  refuse(status: number | undefined, response: unknown): void;
}

/** Clients that follow a room in one answer that goes on. */
export interface RoomEvents {
  /** Makes a client a member of a room, and writes into its answer from the moment it has begun. */
  open(request: IncomingMessage, response: ServerResponse, room: string, asker: EventsAsker): void;
  /** The whole stream of a client that is to come back later. */
  later(response: unknown): string;
}

/** What `POST /publish` needs of the server around it. */
export interface Publishing {
  readonly publish: Publish;
  readonly verify: Verify;
  /** Whether no key was configured, so that nobody needs a token. */
  readonly isOpenHouse: boolean;
}

/** Answers ColonyOS's clients. */
export interface ColoniesApi {
  /**
   * Answers a request; never rejects.
   *
   * @param signal aborted when the client is gone
   */
  answer(
    body: Buffer,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }>;
  /** What is answered to a body that is too large, or that could not be read. */
  unreadable(status: number): { readonly status: number; readonly text: string };
}

/** What the HTTP routes need of the server around them. */
export interface HttpContext {
  readonly auth: AuthOptions;
  /** Whether the page that sent a request may connect. Undefined where every page may. */
  readonly isOriginAllowed?: ((request: IncomingMessage) => boolean) | undefined;
  /**
   * Secret that `POST /token` signs with; in an open house one made for this run. `undefined` if
   * the server knows a public key only, and so cannot sign.
   */
  readonly tokenSecret: string | undefined;
  /** Whether the server listens on loopback addresses only. Asked at each request for a token. */
  readonly loopbackOnly: boolean;
  /** The present, in milliseconds since 1970. */
  readonly now: () => number;
  /** Makes an id for a token whose asker brought none: 8 characters `[A-Za-z0-9]`. */
  readonly randomId: () => string;
  /** Largest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** What `GET /health` answers, as JSON. */
  readonly health: () => unknown;
  /** What `GET /ready` answers, if it is served. */
  readonly ready?: (() => Readiness) | undefined;
  /** Told of every error that became a 500, or that cut an answer short. */
  readonly onError: (error: unknown) => void;
  /** Phoenix's long-polling, if it is served. */
  readonly longPoll?: LongPolling | undefined;
  /** `POST /publish`, if it is served. */
  readonly publishing?: Publishing | undefined;
  /** `GET /rooms/<room>/log`, if it is served. */
  readonly readLog?: ReadLog | undefined;
  /** `GET /rooms/<room>/presence`, if it is served. */
  readonly readPresence?: ReadPresence | undefined;
  /** `GET /rooms/<room>/events`, if it is served. */
  readonly roomEvents?: RoomEvents | undefined;
  /** ColonyOS's `POST /api`, if it is served. */
  readonly colonies?: ColoniesApi | undefined;
  /** The live page at `/`, if there is one. */
  readonly page?: Router | undefined;
}

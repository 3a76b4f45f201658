import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock.ts";
import type { Close } from "../codes.ts";
import type { Connection } from "./connection.ts";
import type { Engine, Handshake } from "./engine.ts";
import { answers, opened, polled } from "./long-poll-answers.ts";
import { framesOf } from "./long-poll-body.ts";
import { LongPollCarrier } from "./long-poll-carrier.ts";
import { forgetSession, sessionTokenOf } from "./long-poll-request.ts";
import { isRefused, type Refused } from "./refused.ts";

/** What the long-poll sessions need of their surroundings. */
export interface LongPollContext {
  readonly engine: Engine;
  /** Who may open a session, and what the client speaks. */
  readonly enter: (request: IncomingMessage) => Promise<Handshake | Refused>;
  /** Told of each refusal. */
  readonly onRefused: (refused: Refused) => void;
  /** Takes what `enter` threw. */
  readonly onCrash: (error: unknown) => void;
  readonly clock: Clock;
  /** How long a poll waits for messages. */
  readonly windowMs: number;
  /** Makes the secret name of a session. */
  readonly createToken: () => string;
}

/**
 * Takes the body of an answer, or undefined if the client is to come back later. With `isLast`
 * nothing follows on this TCP connection.
 */
export type Answer = (body: string | Buffer | undefined, isLast?: boolean) => void;

interface Session {
  readonly token: string;
  readonly connection: Connection;
  readonly carrier: LongPollCarrier;
}

/**
 * Phoenix's long-polling: clients that cannot have a WebSocket ask for their messages, and post
 * their own. A session is a connection like any other.
 */
export class LongPoll {
  readonly #context: LongPollContext;
  readonly #sessions = new Map<string, Session>();
  #isClosing: boolean = false;

  constructor(context: LongPollContext) {
    this.#context = context;
  }

  /**
   * Waits for the messages of the session whose token the request brings, or opens a session.
   *
   * @param answer called once, now or later
   * @returns a function to be called when the request is cut off
   */
  get(request: IncomingMessage, answer: Answer): () => void {
    const session = this.#find(request);
    if (session === undefined) return this.#open(request, answer);
    const { token, carrier } = session;
    return carrier.poll((messages) => answer(polled(token, messages), carrier.isOver));
  }

  /** Handles the frames that a session's client has posted, in their order. */
  post(request: IncomingMessage, body: Buffer): string | undefined {
    const session = this.#find(request);
    if (session === undefined) return this.#isClosing ? undefined : answers.gone;
    const { connection } = session;
    for (const frame of framesOf(request.headers["content-type"], body)) {
      if (frame === undefined) connection.refuseFrame();
      else connection.receive(frame);
      if (connection.readyState !== "open") return answers.gone;
    }
    return answers.accepted;
  }

  /** Opens no session any more. Those that are open are ended like all connections. */
  close(): void {
    this.#isClosing = true;
  }

  #find(request: IncomingMessage): Session | undefined {
    return this.#sessions.get(sessionTokenOf(request) ?? "");
  }

  /** @returns a function that ends what the asker will never hear of */
  #open(request: IncomingMessage, answer: Answer): () => void {
    let connection: Connection | undefined;
    let isOpening: boolean = true;
    const settle = (body: string | undefined): void => {
      if (isOpening) answer(body);
      isOpening = false;
    };
    forgetSession(request);
    this.#context
      .enter(request)
      .then((entered) => {
        if (isRefused(entered)) {
          this.#context.onRefused(entered);
          settle(bodyOf(entered.close));
        } else if (this.#isClosing) settle(undefined);
        else if (isOpening) connection = this.#accept(request, entered, settle);
      })
      .catch((error: unknown) => {
        this.#context.onCrash(error);
        settle(undefined);
      });
    return () => {
      if (isOpening) connection?.destroy();
      isOpening = false;
    };
  }

  #accept(
    request: IncomingMessage,
    handshake: Handshake,
    settle: (body: string | undefined) => void,
  ): Connection {
    const { engine, clock, windowMs, createToken } = this.#context;
    const { connection, carrier } = engine.accept(
      request,
      handshake,
      (context) => new LongPollCarrier({ ...context, clock, windowMs }),
    );
    const token = createToken();
    this.#sessions.set(token, { token, connection, carrier });
    connection.once("ready", () => settle(opened(token)));
    connection.once("close", () => {
      this.#sessions.delete(token);
      settle(this.#isClosing ? undefined : answers.forbidden);
    });
    return connection;
  }
}

/** A client that gets no body comes back; after a 403 it may not. */
function bodyOf({ next }: Close): string | undefined {
  return next === "backoff" || next === "now" ? undefined : answers.forbidden;
}

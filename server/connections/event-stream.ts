import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../clock.ts";
import { type Close, closes } from "../codes.ts";
import type { Engine, Handshake } from "./engine.ts";
import { EventStreamCarrier } from "./event-stream-carrier.ts";
import { isRefused, type Refused, refused } from "./refused.ts";

/** Takes the decision on a request for a room's events. The first one counts. */
export interface Asker {
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

/** What the event streams need of their surroundings. */
export interface EventStreamContext {
  readonly engine: Engine;
  /** Who is let in, and the room that it is to join. */
  readonly enter: (
    request: IncomingMessage,
    room: string,
    asker: Asker,
  ) => Promise<Handshake | Refused>;
  /** The text that tells a client of a close, if it is told. */
  readonly farewell: (close: Close) => string | undefined;
  /** Told of each refusal. */
  readonly onRefused: (refused: Refused) => void;
  /** Takes what `enter` threw. */
  readonly onCrash: (error: unknown) => void;
  readonly clock: Clock;
}

const INTERNAL_ERROR = 500;
const SERVICE_UNAVAILABLE = 503;

/** Makes clients connections whose messages are all in the answer to one request. */
export class EventStream {
  readonly #context: EventStreamContext;

  constructor(context: EventStreamContext) {
    this.#context = context;
  }

  /** Makes a client a member of a room, or has it refused. Who hangs up meanwhile is forgotten. */
  open(request: IncomingMessage, response: ServerResponse, room: string, told: Asker): void {
    const { enter, onRefused, onCrash } = this.#context;
    const asker = firstOf(told);
    const refuse = (refusal: Refused): void => {
      const { status, text, close, name } = refusal;
      onRefused(refusal);
      asker.refuse(status, { reason: text ?? close.reason, code: name });
    };
    enter(request, room, asker)
      .then((entered) => {
        if (isRefused(entered)) refuse(entered);
        else if (!response.destroyed) this.#accept(request, response, entered, refuse);
      })
      .catch((error: unknown) => {
        onCrash(error);
        refuse(refused("crashed", INTERNAL_ERROR));
      });
  }

  #accept(
    request: IncomingMessage,
    response: ServerResponse,
    handshake: Handshake,
    refuse: (refusal: Refused) => void,
  ): void {
    const { engine, clock, farewell } = this.#context;
    const onUnanswered = (close: Close): void => refuse(refusalOf(close));
    engine.accept(
      request,
      handshake,
      (context) => new EventStreamCarrier(response, { ...context, clock, farewell, onUnanswered }),
    );
  }
}

/** Why a client hears nothing whose connection was ended before it was in a room. */
function refusalOf(close: Close): Refused {
  // Middleware said so.
  if (close === closes.connect_refused) return refused("connect_refused");
  return refused(close === closes.restart ? "restart" : "connect_later", SERVICE_UNAVAILABLE);
}

function firstOf(asker: Asker): Asker {
  let isAnswered: boolean = false;
  const once = (tell: () => void): void => {
    if (!isAnswered) tell();
    isAnswered = true;
  };
  return {
    accept: () => once(() => asker.accept()),
    refuse: (status, response) => once(() => asker.refuse(status, response)),
  };
}

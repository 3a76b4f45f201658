import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock.ts";
import { after, type Eventual } from "../eventual.ts";
import type { Turnstile, Watch } from "../turnstile.ts";
import { absenceOf } from "./absence.ts";
import type { ConnectHook, ConnectRequest, ConnectResult } from "./connect.ts";
import type { OriginCheck } from "./origin.ts";
import { type Refused, refused, refusedByHook } from "./refused.ts";

/** What the gate needs of its surroundings. */
export interface GateContext {
  readonly isOriginAllowed: OriginCheck;
  /** The application's own decision; without it everyone may connect. */
  readonly connect: ConnectHook | undefined;
  /** How long the application may take to decide. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Makes clients wait that come too fast. Without it all come in at once. */
  readonly turnstile?: Turnstile | undefined;
  /** Told of the id that the application gave to a client it let in. */
  readonly onNamed: (request: IncomingMessage, id: string) => void;
  /** Takes what the hook threw. */
  readonly onCrash: (error: unknown) => void;
}

/** What a client shows at the gate, besides its request. */
export type Credentials = Pick<ConnectRequest, "dialect" | "params" | "token">;

const SERVICE_UNAVAILABLE = 503;

/** Decides who may connect, whatever the client speaks. */
export class Gate {
  readonly #context: GateContext;
  /** Ends the wait for each decision that is under way. */
  readonly #waits = new Set<() => void>();
  #isClosed: boolean = false;

  constructor(context: GateContext) {
    this.#context = context;
  }

  /** Why nobody may connect any more, once the server is about to stop. */
  checkOpen(): Refused | undefined {
    return this.#isClosed ? refused("restart", SERVICE_UNAVAILABLE) : undefined;
  }

  /** The first question: whether the page that sent the request may connect at all. */
  checkOrigin(request: IncomingMessage): Refused | undefined {
    return this.#context.isOriginAllowed(request) ? undefined : refused("origin_refused");
  }

  /**
   * Lets a client wait for its turn, where many come at once.
   *
   * @param watch tells when the client is gone
   * @returns why it may not come in, or undefined if it may: at once, where nobody waits
   */
  pass(watch: Watch): Eventual<Refused | undefined> {
    const { turnstile } = this.#context;
    if (turnstile === undefined) return undefined;
    return after(turnstile.pass(watch), (isThrough) => {
      const late = this.checkOpen();
      if (late !== undefined) return late;
      return isThrough ? undefined : refused("connect_later", SERVICE_UNAVAILABLE);
    });
  }

  /** Lets a client wait for its turn, and then asks the application. Never rejects. */
  async ask(request: IncomingMessage, shown: Credentials): Promise<Refused | undefined> {
    const early = await this.pass(absenceOf(request.socket));
    return early ?? this.consult(request, shown);
  }

  /** The last question: what the application says of a client that has had its turn. Never rejects. */
  async consult(request: IncomingMessage, shown: Credentials): Promise<Refused | undefined> {
    const { connect, onCrash, onNamed } = this.#context;
    if (connect === undefined) return undefined;
    try {
      const result = await this.#decision(connect, describe(request, shown));
      if (result === "closed") return refused("restart", SERVICE_UNAVAILABLE);
      if (!result.ok) return refusedByHook(result.reason, result.status);
      if (result.id !== undefined) onNamed(request, result.id);
      return undefined;
    } catch (error) {
      onCrash(error);
      return refused("crashed");
    }
  }

  /** Lets nobody in any more, and sends those away who still wait. */
  close(): void {
    this.#isClosed = true;
    this.#context.turnstile?.close();
    for (const end of this.#waits) end();
  }

  /** The hook's result, unless the gate is closed meanwhile. */
  #decision(connect: ConnectHook, request: ConnectRequest): Promise<ConnectResult | "closed"> {
    const { clock, timeoutMs } = this.#context;
    return new Promise((resolve, reject) => {
      const stopTimer = clock.after(timeoutMs, () =>
        settle(() => reject(new Error(`no answer from the connect hook within ${timeoutMs} ms`))),
      );
      const end = (): void => settle(() => resolve("closed"));
      const settle = (tell: () => void): void => {
        stopTimer();
        this.#waits.delete(end);
        tell();
      };
      this.#waits.add(end);
      Promise.resolve(request)
        .then(connect)
        .then(
          (result) => settle(() => resolve(this.#isClosed ? "closed" : result)),
          (error: unknown) => settle(() => reject(error)),
        );
    });
  }
}

function describe(request: IncomingMessage, shown: Credentials): ConnectRequest {
  return {
    ...shown,
    headers: request.headers,
    address: request.socket.remoteAddress ?? "",
    url: request.url ?? "/",
  };
}

import { RecordsUnavailable } from "../../records/record-store.ts";
import type { Signatures } from "./signatures/signatures.ts";
import { decodeEnvelope, decodeRequest, encodeFailure, encodeReply } from "./wire/codec.ts";
import { failed, type Outcome } from "./wire/outcome.ts";
import type { Call, Handlers, Request, RequestType } from "./wire/request.ts";
import { phraseOf, unknownTypeText } from "./wire/request-phrase.ts";

/** Types of requests that `POST /api` does not take. */
type SubscriptionType = "subscribeprocessmsg" | "subscribechannelmsg";

/** Answers requests of every type that `POST /api` takes. */
export type ApiHandlers = Handlers<Exclude<RequestType, SubscriptionType>>;

/** What the API needs of its surroundings. */
export interface ApiContext {
  readonly signatures: Pick<Signatures, "signer">;
  readonly handlers: ApiHandlers;
  /** Takes what a handler threw; the client is told nothing of it. */
  readonly onCrash: (error: unknown) => void;
}

/** An HTTP answer. */
export interface ApiAnswer {
  readonly status: number;
  /** A JSON envelope, whatever the status. */
  readonly text: string;
}

/** ColonyOS's `POST /api`. */
export class Api {
  readonly #context: ApiContext;

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /**
   * Answers a request. Never rejects.
   *
   * @param body a JSON envelope, as it came
   * @param signal aborted when the client is gone
   * @example
   * const { status, text } = await api.answer(body, signal);
   */
  async answer(body: Buffer | string, signal: AbortSignal): Promise<ApiAnswer> {
    try {
      return await this.#answer(body, signal);
    } catch (error) {
      this.#context.onCrash(error);
      return toAnswer("error", failed(500, "Failed to handle request, internal error"));
    }
  }

  /**
   * What is answered to a body that could not be read.
   *
   * @param status what HTTP calls that, such as 413
   */
  unreadable(status: number): ApiAnswer {
    const problem = status === 413 ? "the body is too large" : "the body cannot be read";
    return toAnswer("error", failed(status, `Failed to parse request, ${problem}`));
  }

  async #answer(body: Buffer | string, signal: AbortSignal): Promise<ApiAnswer> {
    const decoded = decodeEnvelope(body);
    if (!decoded.ok) return toAnswer("error", decoded);
    const { payloadtype, payload, signature } = decoded.envelope;
    const signer = await this.#context.signatures.signer(payload, signature);
    if (!signer.ok) return toAnswer(payloadtype, failed(signer.status, signer.text));
    const request = decodeRequest(decoded.envelope);
    if (!request.ok) return toAnswer(payloadtype, request);
    return toAnswer(payloadtype, await this.#handle(request.value, { signer: signer.id, signal }));
  }

  async #handle(request: Request, call: Call): Promise<Outcome<unknown>> {
    const { msgtype } = request;
    if (msgtype === "subscribeprocessmsg" || msgtype === "subscribechannelmsg") {
      return failed(403, unknownTypeText(msgtype));
    }
    // A handler takes the requests of its own type, which the compiler does not follow.
    const handler = this.#context.handlers[msgtype] as (
      request: Request,
      call: Call,
    ) => Promise<Outcome<unknown>>;
    try {
      return await handler(request, call);
    } catch (error) {
      if (error instanceof RecordsUnavailable) {
        return failed(503, `${phraseOf(msgtype)}, storage not reachable`);
      }
      this.#context.onCrash(error);
      return failed(500, `${phraseOf(msgtype)}, internal error`);
    }
  }
}

function toAnswer(payloadtype: string, outcome: Outcome<unknown>): ApiAnswer {
  if (!outcome.ok) return { status: outcome.failure.status, text: encodeFailure(outcome.failure) };
  return { status: 200, text: encodeReply(payloadtype, outcome.value) };
}

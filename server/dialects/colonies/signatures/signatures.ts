import { keyOf, RecoveryLost, RecoveryThread } from "./recovery-thread.ts";
import type { RecoveryTask } from "./recovery-worker.js";
import { payloadDigest, readSignature, unrecoverable } from "./signature.ts";
import { SignatureCache } from "./signature-cache.ts";

const MAX_PENDING = 10_000;
const MAX_RECENT = 1000;

/** Who signed a payload, or why that is not known. */
export type Signer =
  | { readonly ok: true /** Identity: 64 lower-case hexadecimal digits. */; readonly id: string }
  | {
      readonly ok: false;
      /** 403 for a bad signature, 503 where it could not be checked. */
      readonly status: 403 | 503;
      readonly text: string;
    };

/** What checking signatures can be given. */
export interface SignaturesContext {
  /** Most recoveries under way. */
  readonly maxPending?: number;
  /** Told of each crash of the thread, and of a thread that cannot be started. */
  readonly onCrash?: (error: unknown) => void;
  /** Recovers the keys. */
  readonly thread?: Pick<RecoveryThread, "recover" | "stop">;
}

/**
 * Tells who signed a payload. The work is done in a thread of its own; what was found out lately is
 * remembered, since clients that poll repeat their requests byte for byte.
 *
 * @example
 * const signatures = new Signatures();
 * const signer = await signatures.signer(envelope.payload, envelope.signature);
 * await signatures.stop();
 */
export class Signatures {
  readonly #maxPending: number;
  readonly #thread: Pick<RecoveryThread, "recover" | "stop">;
  readonly #recent = new SignatureCache<Signer>(MAX_RECENT);
  readonly #pending = new Map<string, Promise<Signer>>();
  readonly #onCrash: (error: unknown) => void;
  #stopped: Promise<void> | undefined;

  constructor({ maxPending = MAX_PENDING, onCrash = () => {}, thread }: SignaturesContext = {}) {
    this.#maxPending = maxPending;
    this.#onCrash = onCrash;
    this.#thread = thread ?? new RecoveryThread(onCrash);
  }

  /**
   * Identity of whoever signed a payload. Every well-formed signature belongs to some identity: a
   * payload that was changed on its way has another signer, which nobody knows.
   *
   * Never rejects.
   *
   * @param payload what was signed, as it travels
   * @param signature 130 hexadecimal digits
   */
  async signer(payload: string, signature: string): Promise<Signer> {
    const readable = readSignature(signature);
    if (!readable.ok) return { ...readable, status: 403 };
    const task = { digest: payloadDigest(payload), signature: readable.signature };
    const key = keyOf(task);
    return this.#recent.get(key) ?? this.#pending.get(key) ?? this.#begin(key, task);
  }

  /** Ends the thread; what is under way fails, and what comes later too. Harmless when repeated. */
  stop(): Promise<void> {
    this.#stopped ??= this.#thread.stop();
    return this.#stopped;
  }

  #begin(key: string, task: RecoveryTask): Promise<Signer> | Signer {
    if (this.#stopped !== undefined) return unchecked("server is stopping");
    if (this.#pending.size >= this.#maxPending) return unchecked("too many requests waiting");
    const signer = this.#recover(key, task).finally(() => this.#pending.delete(key));
    this.#pending.set(key, signer);
    return signer;
  }

  async #recover(key: string, task: RecoveryTask): Promise<Signer> {
    try {
      const signer = signerOf(await this.#thread.recover(task));
      this.#recent.set(key, signer);
      return signer;
    } catch (error) {
      if (!(error instanceof RecoveryLost)) this.#onCrash(error);
      return unchecked(this.#stopped === undefined ? "try again" : "server is stopping");
    }
  }
}

function signerOf(id: string | undefined): Signer {
  if (id !== undefined) return { ok: true, id };
  return { ...unrecoverable("not for a valid curve point"), status: 403 };
}

function unchecked(reason: string): Signer {
  return { ok: false, status: 503, text: `Failed to check signature, ${reason}` };
}

import type { Answer, OnAnswer } from "./carrier.ts";
import type { Core } from "./core.ts";
import { deferred } from "./deferred.ts";
import { ChannelMessageError, refusedBy } from "./errors.ts";
import { guarded } from "./guarded.ts";

/** The room of a message, also as a keyword. */
export type RoomOption = string | { readonly room?: string | undefined } | null;

/** The part of a Channel that sends. */
export interface Outbox {
  /**
   * Sends a message. An object goes as JSON, bytes as bytes; without a room, text goes as it is.
   * In a room, text that is not a JSON object becomes `{message}`, other JSON values `{data}`.
   * `_room`, `_event` and `_id` are the wire's own keys: do not use them in a message.
   *
   * @returns once the message is handed to the connection, or queued, which takes `auto_reconnect`
   *   or a connection on its way. What the server refuses later goes to `on_error`
   * @throws ChannelMessageError if it can be neither (`not_connected`, `queue_full`), or is not JSON
   */
  send(message: unknown, room?: RoomOption): Promise<void>;
  /** Sends a message to a room; see {@link send}. */
  send_to(room: string, message: unknown): Promise<void>;
  /**
   * Sends an event to a room, and waits for the answer.
   *
   * @param payload as for {@link send}; default `{}`
   * @returns the answer's response
   * @throws ChannelMessageError if it is refused, the connection is lost meanwhile
   *   (`connection_lost`), or nobody answers in time (`timeout`)
   */
  push(room: string, event: string, payload?: unknown): Promise<unknown>;
}

/** What the other parts may ask of the outbox. */
export interface OutboxCore {
  /**
   * Sends what asks for an answer.
   *
   * @param prepare makes the sender, given who takes the answer
   * @returns the answer's response; rejects on a refusal, a lost connection, and silence
   */
  ask(room: string, prepare: (onAnswer: OnAnswer) => () => void): Promise<unknown>;
  /** Sends all that waits. */
  flush(): void;
  /** Gives up what waits for answers or, with a room, what waits to be sent to it. */
  drop(code: string, room?: string): void;
}

/** Something on its way out. */
interface Letter {
  readonly room: string | undefined;
  send(): void;
  /** Takes why there will be no answer; absent where none is waited for. */
  reject?(error: ChannelMessageError): void;
}

/** Gives a Channel what it sends with: what waits for the connection, and for answers over it. */
export function addOutbox(core: Core): void {
  const queue = new Set<Letter>();
  const asked = new Set<Letter>();

  const sendNow = (letter: Letter): void => {
    queue.delete(letter);
    if (letter.reject) asked.add(letter);
    letter.send();
  };
  /** Sends a letter now, or keeps it for the next connection; throws if it can do neither. */
  const post = (letter: Letter): void => {
    const { isReady } = core.carrier;
    if (core.is_connected && isReady?.() !== false) sendNow(letter);
    else if (isReady && !core.auto_reconnect && !core.is_connecting) {
      throw new ChannelMessageError("not_connected", letter.room);
    } else if (queue.size >= core.max_queued) {
      throw new ChannelMessageError("queue_full", letter.room);
    } else queue.add(letter);
  };

  core.ask = (room, prepare) => {
    const onAnswer = (answer: Answer): void => {
      core.seen(room, answer.response);
      if (answer.status === "ok") letter.resolve(answer.response);
      else letter.reject(refusedBy(answer, room));
    };
    const letter = { ...deferred<unknown>(), room, send: prepare(onAnswer) };
    post(letter);
    const stop = core.clock.after(core.join_timeout_ms, () =>
      letter.reject(new ChannelMessageError("timeout", room)),
    );
    return letter.promise.finally(() => {
      stop();
      queue.delete(letter);
      asked.delete(letter);
    });
  };
  core.flush = () => queue.forEach(sendNow);
  core.drop = (code, room) => {
    const letters = room ? queue : asked;
    for (const letter of letters) {
      if (!room || letter.room === room) {
        letters.delete(letter);
        letter.reject?.(new ChannelMessageError(code, letter.room));
      }
    }
  };
  core.send = (message, room) => {
    const name = typeof room === "string" ? room : room?.room;
    return guarded(() => {
      const onAnswer = (answer: Answer): void => {
        core.seen(name, answer.response);
        if (answer.status !== "ok") core.refused(answer, name);
      };
      post({
        room: name,
        send: core.carrier.prepare(name, "message", message, onAnswer, core.seen(name)),
      });
    }, name);
  };
  core.send_to = (room, message) => core.send(message, room);
  core.push = (room, event, payload = {}) =>
    guarded(
      () =>
        core.ask(room, (onAnswer) => core.carrier.prepare(room, event, payload, onAnswer, true)),
      room,
    );
}

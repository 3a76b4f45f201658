import type { Carrier, CarrierEvents, OnAnswer } from "./carrier.ts";
import { decode, encodeMessage } from "./plain-frames.ts";
import type { ChannelSettings } from "./settings.ts";
import type { CloseInfo, WebSocketClass, WebSocketLike } from "./websocket.ts";

/** Carries a Channel over a WebSocket of its own, in plain JSON. */
export function createPlainCarrier(
  events: CarrierEvents & ChannelSettings & { readonly url: string },
): Carrier {
  let socket: WebSocketLike | undefined;
  let ids = 0;
  const waiting = new Map<unknown, OnAnswer>();

  /** The name of an answer. No number: a message of the page's may have an `_id` of its own. */
  const expect = (onAnswer: OnAnswer): string => {
    const id = `c${ids++}`;
    waiting.set(id, onAnswer);
    return id;
  };
  const request = (frame: object, onAnswer: OnAnswer): void =>
    socket?.send(JSON.stringify({ ...frame, _id: expect(onAnswer) }));

  return {
    isReady: () => socket?.readyState === 1,
    open() {
      // Without a class this throws, and the error says so.
      const made = new (events.WebSocket as WebSocketClass)(events.url, events.protocols);
      let problem: string | undefined;
      socket = made;
      made.binaryType = "arraybuffer";
      made.onopen = (event) => events.connected(event);
      made.onmessage = ({ data }: { readonly data: unknown }) => {
        const { id, answer, room, event, payload } = decode(data);
        if (answer && !id) {
          events.refused(answer);
          return;
        }
        events.opened();
        if (answer) {
          waiting.get(id)?.(answer);
          waiting.delete(id);
        } else events.heard(room, event, payload);
      };
      made.onerror = ({ message }: { readonly message?: string }) => {
        problem = message;
      };
      made.onclose = (event: CloseInfo) => {
        socket = undefined;
        waiting.clear();
        // After these it is no use to come back as before.
        events.closed(event, /^440[013-8]$/.test(`${event.code}`), problem);
      };
    },
    close(code, reason) {
      socket?.close(code, reason);
      return !socket;
    },
    join: (room, params, onAnswer) =>
      request({ ...params, type: "_join", room, binary: true }, onAnswer),
    leave: (room, onAnswer) => request({ type: "_leave", room }, onAnswer),
    prepare(room, event, message, onAnswer, isPush) {
      const frame = encodeMessage(room, event, message, isPush && expect(onAnswer));
      return () => socket?.send(frame);
    },
  };
}

import type { Carrier, CarrierEvents, OnAnswer } from "./carrier.ts";
import { decode, encodeMessage, type PlainFrame } from "./plain-frames.ts";
import type { ChannelSettings } from "./settings.ts";
import type { CloseInfo, WebSocketClass, WebSocketLike } from "./websocket.ts";

/** Carries a Channel over a WebSocket of its own, in plain JSON. */
export function createPlainCarrier(
  events: CarrierEvents & ChannelSettings & { readonly url: unknown },
): Carrier {
  let socket: WebSocketLike | undefined;
  let ids = 0;
  const waiting = new Map<unknown, OnAnswer>();

  /** Sends, and awaits an answer if there is an id. */
  const send = (frame: PlainFrame, onAnswer: OnAnswer, id: unknown): void => {
    if (id) waiting.set(id, onAnswer);
    socket?.send(frame);
  };
  /** No number: a message of the page's may have an `_id` of its own. */
  const nextId = (): string => `c${ids++}`;
  const request = (frame: object, onAnswer: OnAnswer): void => {
    const _id = nextId();
    send(JSON.stringify({ ...frame, _id }), onAnswer, _id);
  };

  return {
    isReady: () => socket?.readyState === 1,
    open() {
      // Without a class this throws, and the error says so.
      const made = new (events.WebSocket as WebSocketClass)(`${events.url}`, events.protocols);
      let problem: string | undefined;
      socket = made;
      made.binaryType = "arraybuffer";
      made.onopen = events.connected;
      made.onmessage = ({ data }: { readonly data: unknown }) => {
        const heard = decode(data);
        const { id, answer, room, event, payload } = heard;
        if (answer && !id) {
          events.refused(answer);
          return;
        }
        events.opened();
        if (answer) {
          waiting.get(id)?.(answer);
          waiting.delete(id);
        } else events.heard(room, event, payload, heard);
      };
      const closed = async (event: CloseInfo): Promise<void> => {
        // Node's own may end within `close`, before the Channel knows that it is closing.
        await undefined;
        socket = undefined;
        waiting.clear();
        // After these it is no use to come back as before.
        events.closed(event, /^440[013-8]$/.test(`${event.code}`), problem);
      };
      made.onclose = closed;
      made.onerror = ({ message }: { readonly message?: string }) => {
        problem = message;
        // Node 22's own keeps its `readyState` of 0 then, and no `close` follows.
        if (!made.readyState) void closed({ code: 1006, reason: "" });
      };
    },
    close(code, reason) {
      socket?.close(code, reason);
      return !!socket;
    },
    join: (room, params, onAnswer) =>
      request({ ...params(), type: "_join", room, binary: true }, onAnswer),
    leave: (room, onAnswer) => request({ type: "_leave", room }, onAnswer),
    prepare(room, event, message, onAnswer, isPush) {
      const id = isPush && nextId();
      const frame = encodeMessage(room, event, message, id);
      return () => send(frame, onAnswer, id);
    },
  };
}

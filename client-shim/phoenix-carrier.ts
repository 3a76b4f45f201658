import type { Carrier, CarrierEvents, OnAnswer } from "./carrier.ts";
import type { PhoenixChannel, PhoenixPush, PhoenixSocket } from "./contract.ts";
import { toPayload } from "./payload.ts";

/** Carries a Channel over a Phoenix socket of the page's: a Phoenix channel for each room. */
export function createPhoenixCarrier(events: CarrierEvents, socket: PhoenixSocket): Carrier {
  const topics = new Map<unknown, readonly [PhoenixChannel, params: object]>();
  let refs: string[] = [];

  const leave = (room: string, onAnswer: OnAnswer): void => {
    const topic = topics.get(room);
    topics.delete(room);
    answerTo(topic?.[0].leave(), onAnswer);
  };

  return {
    open() {
      socket.off(refs);
      refs = [socket.onOpen(events.connected), socket.onClose(events.closed)];
      if (socket.isConnected()) events.connected();
      else socket.connect();
    },
    close: () => socket.off(refs),
    join(room, params, onAnswer) {
      // phoenix.js joins again by itself what it has joined once, and `onAnswer` hears of it each time.
      if (topics.get(room)?.[1] === params) return;
      const channel = socket.channel(room, params);
      topics.set(room, [channel, params]);
      channel.onMessage = (event, payload) => {
        const offset = (payload as { readonly _offset?: unknown } | undefined)?._offset;
        if (topics.get(room)?.[0] === channel) events.heard(room, event, payload, { offset });
        return payload;
      };
      answerTo(channel.join(), (answer) => {
        if (answer.status === "timeout") return;
        if (answer.status === "error") leave(room, () => {});
        onAnswer(answer);
      });
    },
    leave,
    prepare(room, event, message, onAnswer) {
      const payload = toPayload(message);
      const content = payload instanceof Uint8Array ? payload.buffer : payload;
      return () => answerTo(topics.get(room)?.[0].push(event, content), onAnswer);
    },
  };
}

/** Without a push there is no such room here, which is an answer too. */
function answerTo(push: PhoenixPush | undefined, onAnswer: OnAnswer): void {
  if (!push) onAnswer({ status: "room_not_joined" });
  for (const status of ["ok", "error", "timeout"] as const) {
    push?.receive(status, (response) => onAnswer({ status, response }));
  }
}

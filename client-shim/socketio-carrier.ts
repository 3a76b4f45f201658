import type { Carrier, CarrierEvents } from "./carrier.ts";
import type { RoomSocket } from "./contract.ts";
import { toPayload } from "./payload.ts";

/** Carries a Channel over a Socket.IO socket of the page's. */
export function createSocketIoCarrier(events: CarrierEvents, socket: RoomSocket): Carrier {
  const onDisconnect = (reason: unknown): void =>
    events.closed({ code: 1006, reason: `${reason}` }, !socket.active);
  const onConnectError = (error: unknown): void => onDisconnect((error as Error).message);
  const onAny = (event: unknown, payload: unknown, meta: unknown): void => {
    const room = (meta as { readonly room?: unknown } | undefined)?.room;
    // Other events of the page's socket are no room's.
    if (room) events.heard(`${room}`, `${event}`, payload, meta);
  };
  const bind = (verb: "on" | "off"): void => {
    socket[verb]("connect", events.connected);
    socket[verb]("disconnect", onDisconnect);
    socket[verb]("connect_error", onConnectError);
    socket[`${verb}Any`](onAny);
  };

  return {
    open() {
      bind("off");
      bind("on");
      if (socket.connected) events.connected();
      else socket.connect();
    },
    close: () => bind("off"),
    join: (room, params, onAnswer) => socket.emit("join", room, params(), onAnswer),
    leave: (...details) => socket.emit("leave", ...details),
    prepare(room, event, message, onAnswer) {
      const payload = toPayload(message);
      return () => socket.emit("push", room, event, payload, onAnswer);
    },
  };
}

import type { Carrier, CarrierEvents } from "./carrier.ts";
import type { RoomSocket } from "./contract.ts";
import { toPayload } from "./payload.ts";

/** Carries a Channel over a Socket.IO socket of the page's. */
export function createSocketIoCarrier(events: CarrierEvents, socket: RoomSocket): Carrier {
  const onConnect = (): void => events.connected();
  const onDisconnect = (reason: string): void =>
    events.closed({ code: 1006, reason }, !socket.active);
  const onConnectError = ({ message }: Error): void => onDisconnect(message);
  const onAny = (event: string, payload: unknown, meta?: { readonly room?: string }): void => {
    if (meta?.room) events.heard(meta.room, event, payload);
  };
  const bind = (verb: "on" | "off"): void => {
    socket[verb]("connect", onConnect);
    socket[verb]("disconnect", onDisconnect);
    socket[verb]("connect_error", onConnectError);
    socket[`${verb}Any`](onAny);
  };
  return {
    open() {
      bind("off");
      bind("on");
      if (socket.connected) onConnect();
      else socket.connect();
    },
    close() {
      bind("off");
      return true;
    },
    join: (...details) => socket.emit("join", ...details),
    leave: (...details) => socket.emit("leave", ...details),
    prepare(room, event, message, onAnswer) {
      const payload = toPayload(message);
      return () => socket.emit("push", room, event, payload, onAnswer);
    },
  };
}

import type { Server as SocketIoServer } from "socket.io";
import { createAdmit } from "../auth/admission.ts";
import { connectionToken } from "../auth/connection-token.ts";
import { randomId } from "../auth/random-id.ts";
import { waitingBytesOf } from "../connections/waiting-bytes.ts";
import type { Visitors } from "../dialects/tower/visitors.ts";
import { Rooms } from "../rooms/rooms.ts";
import { Turnstile } from "../turnstile.ts";
import type { Base } from "./base.ts";

/** Makes the rooms. */
export function createRooms(
  { settings, clock, log, keys, counters, scaleOut, problem, passes }: Base,
  io: SocketIoServer,
  visitors: Visitors,
): Rooms {
  const { maxBacklogBytes, joinsPerSec, maxWaitingJoins } = settings.limits;
  return new Rooms({
    io,
    backends: scaleOut.backends,
    hasOtherNodes: scaleOut.presenceLink !== undefined,
    admit: passes.admitting(createAdmit(settings.auth, keys, () => clock.now())),
    connectionToken: (socket) =>
      visitors.tokenOf(socket.request) ?? connectionToken(socket.handshake),
    settings: settings.rooms,
    relay: settings.relay,
    limits: settings.limits,
    joins: new Turnstile({ perSec: joinsPerSec, maxWaiting: maxWaitingJoins }, clock),
    clock,
    randomId,
    createLogs: scaleOut.createLogs,
    spareBytes: ({ conn }) => maxBacklogBytes - waitingBytesOf(conn),
    onUnlogged: (room, event, reason) => {
      counters.logMessagesLost += 1;
      problem(`not delivered, the log is ${reason}`, { room, event });
    },
    onInterrupted: () => {
      counters.membersInterrupted += 1;
    },
    onCrash: (error, room, event) => log.error({ err: error, room, event }, "channel crashed"),
  });
}

import { io } from "./lib/socket.io.js";
import { joinParams, NO_ANSWER, readRefusal } from "./member.js";
import { PresenceList } from "./presence-list.js";

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * A member by way of the Socket.IO client: three requests, and the room's events as they are.
 *
 * @param {import("./member.js").Listener} listener
 * @param {Record<string, unknown>} meta told of this member in its presence
 * @returns {import("./member.js").Member}
 */
export function createSocketIoMember(listener, meta) {
  const socket = io({ path: new URL("socket.io/", document.baseURI).pathname });
  const presence = new PresenceList();
  let room = "";
  let token = "";

  socket.on("connect", enter);
  socket.on("disconnect", () => listener.onState("offline"));
  socket.on("connect_error", () => listener.onState("offline"));
  socket.onAny((event, payload, from) => {
    // What server code emits as it is has no room with it; this socket is in one room only.
    if (from === undefined || from.room === room) receive(event, payload);
  });

  function enter() {
    if (room === "") return;
    const [joining, params] = [room, joinParams(token, meta)];
    listener.onState("connecting");
    socket.timeout(ANSWER_TIMEOUT_MS).emit("join", joining, params, (error, reply) => {
      if (joining !== room || params.token !== joinParams(token, meta).token) return;
      if (error) listener.onState("refused", NO_ANSWER);
      else if (reply.status === "ok") listener.onState("joined");
      else listener.onState("refused", readRefusal(reply.response));
    });
  }

  /** @param {string} event @param {any} payload */
  function receive(event, payload) {
    switch (event) {
      case "presence_state":
        presence.replace(payload);
        listener.onPresence(presence.list());
        break;
      case "presence_diff":
        presence.change(payload);
        listener.onPresence(presence.list());
        break;
      case "phx_close":
        listener.onState("ended");
        break;
      case "phx_error":
        listener.onState("refused", readRefusal(payload));
        break;
      default:
        listener.onMessage(event, payload);
    }
  }

  return {
    join(nextRoom, nextToken) {
      if (room !== "" && room !== nextRoom && socket.connected) socket.emit("leave", room);
      room = nextRoom;
      token = nextToken;
      if (socket.connected) enter();
      // After a disconnect by the server the client stays away until it is told.
      else socket.connect();
    },
    async push(event, payload) {
      try {
        const asking = socket.timeout(ANSWER_TIMEOUT_MS);
        const reply = await asking.emitWithAck("push", room, event, payload);
        return reply.status === "ok" ? undefined : readRefusal(reply.response);
      } catch {
        return NO_ANSWER;
      }
    },
  };
}

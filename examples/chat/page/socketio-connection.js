import { NO_ANSWER, NOT_JOINED } from "./connection.js";
import { PresenceList } from "./lib/presence-list.js";
import { io } from "./lib/socket.io.js";

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * @param {{ serverUrl: string }} server
 * @param {import("./connection.js").Listener} listener
 * @returns {import("./connection.js").Connection}
 */
export function connectBySocketIo({ serverUrl }, listener) {
  const socket = io(serverUrl, { forceNew: true, ackTimeout: ANSWER_TIMEOUT_MS });
  const presence = new PresenceList();
  /** The room and the params of the latest join. */
  let joining;

  /** Events come with the room they are of: one may be on its way when the page changes rooms. */
  const inRoom = (tell) => (payload, meta) => {
    if (joining !== undefined && meta?.room === joining.room) tell(payload);
  };
  const changed = (change) => (payload) => {
    change(payload);
    listener.onPeople(presence.list());
  };
  socket.on("connect", enter);
  socket.on("disconnect", () => listener.onState("offline"));
  socket.on("connect_error", () => listener.onState("offline"));
  socket.on("message", inRoom(listener.onMessage));
  socket.on("presence_state", inRoom(changed((state) => presence.replace(state))));
  socket.on("presence_diff", inRoom(changed((diff) => presence.change(diff))));
  socket.on("phx_close", inRoom(ended));
  socket.on("phx_error", inRoom(refused));

  function join(room, params) {
    if (joining !== undefined && joining.room !== room && socket.connected) {
      socket.emit("leave", joining.room);
    }
    joining = { room, params };
    presence.replace({});
    if (socket.connected) void enter();
  }

  async function enter() {
    const asked = joining;
    if (asked === undefined) return;
    const { status, response } = await ask("join", asked.room, asked.params);
    // A connection that was lost meanwhile asks again once it is back.
    if (joining !== asked || !socket.connected) return;
    if (status === "ok") listener.onJoined(response);
    else refused(response);
  }

  function refused(response) {
    joining = undefined;
    listener.onState("refused", response);
  }

  function ended() {
    joining = undefined;
    listener.onState("ended");
  }

  async function push(event, payload) {
    if (joining === undefined || !socket.connected) return NOT_JOINED;
    const { status, response } = await ask("push", joining.room, event, payload);
    return status === "ok" ? undefined : response;
  }

  /** The reply to a request; an error if none comes in time. */
  async function ask(...request) {
    try {
      return await socket.emitWithAck(...request);
    } catch {
      return { status: "error", response: NO_ANSWER };
    }
  }

  function close() {
    joining = undefined;
    socket.off();
    socket.disconnect();
  }

  return { join, push, close };
}

import { NO_ANSWER, NOT_JOINED } from "./connection.js";
import { Presence, Socket } from "./lib/phoenix.mjs";

/**
 * @param {{ webSocketUrl: string }} server
 * @param {import("./connection.js").Listener} listener
 * @returns {import("./connection.js").Connection}
 */
export function connectByPhoenix({ webSocketUrl }, listener) {
  const socket = new Socket(`${webSocketUrl}/socket`);
  let channel;
  socket.onClose(() => {
    if (channel !== undefined) listener.onState("offline");
  });
  socket.connect();

  function leave() {
    const leaving = channel;
    // First, so that nothing of the leave is told.
    channel = undefined;
    leaving?.leave();
  }

  function join(room, params) {
    leave();
    const joining = socket.channel(room, params);
    channel = joining;
    const whileIn = (tell) => (payload) => {
      if (channel === joining) tell(payload);
    };
    const presence = new Presence(joining);
    presence.onSync(whileIn(() => listener.onPeople(presence.list(toPerson))));
    joining.on("message", whileIn(listener.onMessage));
    // phoenix.js joins again by itself.
    joining.onError(whileIn(() => listener.onState("connecting")));
    joining.onClose(whileIn(() => listener.onState("ended")));
    joining
      .join()
      .receive("ok", whileIn(listener.onJoined))
      .receive("error", whileIn(refused))
      .receive(
        "timeout",
        whileIn(() => listener.onState("offline")),
      );
  }

  function refused(response) {
    // phoenix.js would ask again and again; the page waits for its user.
    leave();
    listener.onState("refused", response);
  }

  function push(event, payload) {
    if (channel === undefined) return Promise.resolve(NOT_JOINED);
    const pushing = channel.push(event, payload);
    return new Promise((resolve) => {
      pushing
        .receive("ok", () => resolve(undefined))
        .receive("error", resolve)
        .receive("timeout", () => resolve(NO_ANSWER));
    });
  }

  function close() {
    leave();
    socket.disconnect();
  }

  return { join, push, close };
}

function toPerson(key, { metas }) {
  return { key, metas };
}

import { Presence, Socket } from "./lib/phoenix.mjs";
import { joinParams, NO_ANSWER, NOT_JOINED, readRefusal } from "./member.js";

/** What phoenix.js passes on besides the room's own events. */
const OWN_EVENT = /^(phx_|chan_reply_|presence_state$|presence_diff$)/;

/**
 * A member by way of phoenix.js and its `Presence`.
 *
 * @param {import("./member.js").Listener} listener
 * @param {Record<string, unknown>} meta told of this member in its presence
 * @returns {import("./member.js").Member}
 */
export function createPhoenixMember(listener, meta) {
  const socket = new Socket(new URL("socket", document.baseURI).pathname);
  /** @type {ReturnType<typeof socket.channel> | undefined} */
  let channel;
  socket.onClose(() => {
    if (channel !== undefined) listener.onState("offline");
  });
  socket.connect();

  function leave() {
    const leaving = channel;
    // First, so that nothing of the leave is told to the panel.
    channel = undefined;
    leaving?.leave();
  }

  /** @param {string} room @param {string} token */
  function join(room, token) {
    leave();
    const joining = socket.channel(room, joinParams(token, meta));
    channel = joining;
    /** @param {import("./member.js").State} state @param {import("./member.js").Refusal} [refusal] */
    const tell = (state, refusal) => {
      if (channel === joining) listener.onState(state, refusal);
    };
    const presence = new Presence(joining);
    presence.onSync(() => {
      const present = presence.list((key, { metas }) => ({ key, metas }));
      if (channel === joining) listener.onPresence(present);
    });
    joining.onMessage = (event, payload) => {
      if (channel === joining && !OWN_EVENT.test(event)) listener.onMessage(event, payload);
      return payload;
    };
    joining.onClose(() => tell("ended"));
    joining
      .join()
      .receive("ok", () => tell("joined"))
      .receive("timeout", () => tell("offline"))
      .receive("error", (response) => {
        tell("refused", readRefusal(response));
        // phoenix.js would ask again and again; the page waits for its user.
        if (channel === joining) leave();
      });
    tell("connecting");
  }

  /** @param {string} event @param {unknown} payload */
  function push(event, payload) {
    if (channel === undefined) return Promise.resolve(NOT_JOINED);
    const pushing = channel.push(event, payload);
    return new Promise((resolve) => {
      pushing
        .receive("ok", () => resolve(undefined))
        .receive("error", (response) => resolve(readRefusal(response)))
        .receive("timeout", () => resolve(NO_ANSWER));
    });
  }

  return { join, push };
}

import { Channel } from "./lib/commonroom.js";
import { joinParams, NOT_JOINED } from "./member.js";
import { PresenceList } from "./presence-list.js";

/** How long a request may wait for its answer, and for a connection before that. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Failures that a new attempt may put right, and that come with one. */
const PASSING_CODES = new Set(["connect_failed", "connection_lost", "not_connected"]);

/**
 * A member by way of the room client. It comes back, joins again and sends what has waited, all by
 * itself.
 *
 * @param {import("./member.js").Listener} listener
 * @param {Record<string, unknown>} meta told of this member in its presence
 * @returns {import("./member.js").Member}
 */
export function createShimMember(listener, meta) {
  const channel = new Channel(address(), {
    autoReconnect: true,
    joinTimeoutMs: ANSWER_TIMEOUT_MS,
  });
  const presence = new PresenceList();
  let room = "";
  /** Whether the room has let this member in; then it is joined again at each open. */
  let isIn = false;
  /** Tells a join from those before it. */
  let joins = 0;

  channel.onOpen(() => {
    if (isIn) listener.onState("joined");
  });
  channel.onClose(() => {
    if (channel.isInRoom(room)) listener.onState("offline");
  });
  channel.onError((error) => {
    if (error.room !== undefined && error.room !== room) return;
    if (error.code === "handler_failed") console.error(error.cause);
    else if (error.code === "room_closed") listener.onState("ended");
    else if (!PASSING_CODES.has(error.code)) listener.onState("refused", refusalOf(error));
  });
  channel.onMessage((message, from) => {
    if (from.room === room) receive(from.event, message);
  });

  /** @param {string} event @param {any} message */
  function receive(event, message) {
    if (event === "presence_state") presence.replace(message);
    else if (event === "presence_diff") presence.change(message);
    else {
      listener.onMessage(event, message instanceof Uint8Array ? message.buffer : message);
      return;
    }
    listener.onPresence(presence.list());
  }

  return {
    async join(nextRoom, token) {
      if (room !== nextRoom) void channel.leave(room);
      room = nextRoom;
      isIn = false;
      joins += 1;
      const thisJoin = joins;
      void channel.connect();
      const params = { ...joinParams(token, meta), presence: true };
      try {
        await channel.join(nextRoom, params);
        if (thisJoin !== joins) return;
        isIn = true;
        listener.onState(channel.isConnected ? "joined" : "offline");
      } catch (error) {
        if (thisJoin === joins) listener.onState("refused", refusalOf(error));
      }
    },
    async push(event, payload) {
      if (!channel.isInRoom(room)) return NOT_JOINED;
      try {
        await channel.push(room, event, payload);
        return undefined;
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** Browsers before 2024 know no WebSocket address without its scheme. */
function address() {
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

/**
 * @param {import("./member.js").Refusal & Error} error
 * @returns {import("./member.js").Refusal}
 */
function refusalOf({ message, code }) {
  return { reason: message, code };
}

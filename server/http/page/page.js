import { createPanel } from "./panel.js";
import { createPhoenixMember } from "./phoenix-member.js";
import { askForRedis, showCommand } from "./program-strip.js";
import { createShimMember } from "./shim-member.js";
import { createSocketIoMember } from "./socketio-member.js";

const DEFAULT_ROOM = "lobby";
/** What a new token may put right. */
const TOKEN_CODES = new Set(["token_missing", "token_invalid", "token_expired", "room_forbidden"]);

const roomInput = byId("room", HTMLInputElement);
const tokenInput = byId("token", HTMLInputElement);

/** Tells this page's members from those of other pages; means nothing else. */
const page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
  byte.toString(16).padStart(2, "0"),
).join("");

const panels = [
  createPanel({
    client: "phoenix.js",
    className: "phoenix",
    connectCall: () => 'new Socket("/socket")',
    pushCall: (_room, event, payload) => `channel.push(${event}, ${payload})`,
    createMember: createPhoenixMember,
    page,
    onRefused,
  }),
  createPanel({
    client: "Socket.IO",
    className: "socketio",
    connectCall: () => "io()",
    pushCall: (room, event, payload) => `socket.emit("push", ${room}, ${event}, ${payload})`,
    createMember: createSocketIoMember,
    page,
    onRefused,
  }),
  createPanel({
    client: "room client",
    className: "shim",
    connectCall: () => 'new Channel("/ws")',
    pushCall: (room, event, payload) => `channel.push(${room}, ${event}, ${payload})`,
    createMember: createShimMember,
    sendsLater: true,
    page,
    onRefused,
  }),
];
byId("panels", HTMLElement).replaceChildren(...panels.map((panel) => panel.element));

byId("entry", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const hash = `#${encodeRoom(roomInput.value)}`;
  // The change of the hash joins, if it is one.
  if (location.hash === hash) join();
  else location.hash = hash;
});
addEventListener("hashchange", join);
join();
void askForRedis();

function join() {
  const room = roomOfAddress();
  roomInput.value = room;
  document.title = `${room} · Commonroom`;
  tokenInput.removeAttribute("aria-invalid");
  showCommand(room);
  for (const panel of panels) panel.join(room, tokenInput.value.trim());
}

/** @param {string} code */
function onRefused(code) {
  if (TOKEN_CODES.has(code)) tokenInput.setAttribute("aria-invalid", "true");
}

function roomOfAddress() {
  const encoded = location.hash.slice(1);
  if (encoded === "") return DEFAULT_ROOM;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // An address typed by hand, with a bare "%": take it as it is.
    return encoded;
  }
}

/**
 * Leaves what is readable in an address as it is.
 *
 * @param {string} room
 */
function encodeRoom(room) {
  return encodeURIComponent(room).replaceAll("%3A", ":").replaceAll("%2F", "/");
}

/**
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page lacks #${id}`);
  return element;
}

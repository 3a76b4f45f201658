import { MessageLog } from "./message-log.js";
import { copyTemplate, readParts } from "./panel-parts.js";
import { readPayload } from "./payload.js";
import { showPresent } from "./presence-view.js";

/** What an empty box stands for, as its placeholder says. */
const DEFAULT_TEXT = "hello";
/** @type {ReadonlyMap<string, string>} */
const STATE_TEXTS = new Map([
  ["connecting", "joining …"],
  ["joined", "joined"],
  ["refused", "refused"],
  ["offline", "offline, trying again"],
  ["ended", "left the room"],
]);

/**
 * @typedef {object} PanelOptions
 * @property {string} client the library's name, as people know it
 * @property {string} className
 * @property {() => string} connectCall the code that connects, to be shown
 * @property {(room: string, event: string, payload: string) => string} pushCall the code that sends
 * @property {(listener: import("./member.js").Listener, meta: Record<string, unknown>) => import("./member.js").Member} createMember
 * @property {boolean} [sendsLater] whether it keeps what is sent while it is offline; else the panel
 * takes nothing then
 * @property {string} page tells this page's members from others
 * @property {(code: string) => void} onRefused told of a join's refusal
 */

/**
 * One client library in the room: its state, who is present, the messages, and a box to send.
 *
 * @param {PanelOptions} options
 */
export function createPanel({ client, page, ...options }) {
  const element = copyTemplate();
  const parts = readParts(element);
  const log = new MessageLog(parts.log);
  let room = "";

  element.classList.add(options.className);
  parts.title.textContent = client;
  parts.title.id = `${options.className}-title`;
  element.setAttribute("aria-labelledby", parts.title.id);
  parts.log.setAttribute("aria-label", `Messages by ${client}`);
  // It scrolls, so a keyboard must reach it.
  parts.log.tabIndex = 0;
  parts.payload.placeholder = DEFAULT_TEXT;
  parts.call.textContent = options.connectCall();

  const member = options.createMember(
    {
      onState: showState,
      onPresence: (present) => {
        showPresent(parts.present, present, (meta) => meta.page === page && meta.client === client);
      },
      onMessage: (event, payload) => log.add(event, payload, false),
    },
    { client, page },
  );

  /** @type {import("./member.js").Listener["onState"]} */
  function showState(state, refusal) {
    element.dataset.state = state;
    parts.state.textContent = STATE_TEXTS.get(state) ?? state;
    parts.send.disabled = state !== "joined" && !(state === "offline" && options.sendsLater);
    if (state !== "joined") showPresent(parts.present, [], () => false);
    showProblem(refusal && `Not joined: ${asText(refusal)}`);
    if (refusal) options.onRefused(refusal.code);
  }

  /** @param {string | undefined} text */
  function showProblem(text) {
    parts.refusal.hidden = text === undefined;
    parts.refusal.textContent = text ?? "";
  }

  function showPreview() {
    const { payload = {} } = readPayload(parts.payload.value || DEFAULT_TEXT);
    const [roomCode, eventCode] = [JSON.stringify(room), JSON.stringify(parts.event.value)];
    const payloadCode = JSON.stringify(payload);
    parts.preview.textContent = options.pushCall(roomCode, eventCode, payloadCode);
  }

  async function send() {
    const event = parts.event.value;
    const { payload, problem } = readPayload(parts.payload.value || DEFAULT_TEXT);
    showProblem(problem);
    if (problem) return;
    parts.payload.value = "";
    showPreview();
    const sentTo = room;
    const settle = element.dataset.state === "offline" ? log.addWaiting(event, payload) : undefined;
    const refusal = await member.push(event, payload);
    if (sentTo !== room) return;
    settle?.(refusal === undefined);
    if (refusal === undefined && !settle) log.add(event, payload, true);
    // Why there is no room to send to says more than that nothing can be sent to it.
    if (refusal && element.dataset.state !== "refused") showProblem(`Not sent: ${asText(refusal)}`);
  }

  element.addEventListener("input", showPreview);
  parts.form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    if (!parts.send.disabled) void send();
  });

  return {
    element,
    /** @param {string} nextRoom @param {string} token */
    join(nextRoom, token) {
      if (nextRoom !== room) log.clear();
      room = nextRoom;
      showPreview();
      showState("connecting");
      member.join(nextRoom, token);
    },
  };
}

/** @param {import("./member.js").Refusal} refusal */
function asText({ reason, code }) {
  return code === "" ? reason : `${reason} (${code})`;
}

import { MessageLog } from "./message-log.js";
import { parts } from "./parts.js";
import { showPeople } from "./people.js";
import { asksForToken } from "./tokens.js";

const STATE_TEXTS = new Map([
  ["connecting", "joining …"],
  ["live", "in the room"],
  ["refused", "refused"],
  ["offline", "offline, trying again"],
  ["ended", "out of the room"],
]);

const HINT = "Open this page in a second window, give it the other library, and talk to yourself.";

export const log = new MessageLog(parts.log);

/** What the user has to give before they can come in. */
const needs = new Set(["name"]);
/** This page's own presence key. @type {string | undefined} */
let you;

/** Shows another room, before it is joined. */
export function showRoom(room) {
  parts.room.textContent = room;
  document.title = `${room} · Chat`;
  parts.notice.textContent = "";
  log.clear(HINT);
  showNobody();
}

/** @param {{ you: string, notice: string }} welcome */
export function showWelcome(welcome, client) {
  you = welcome.you;
  parts.notice.textContent = welcome.notice;
  log.note(`You came in through ${client}.`);
  showState("live");
}

/** @type {import("./connection.js").Listener["onState"]} */
export function showState(state, refusal) {
  setNeed("token", asksForToken(refusal));
  document.body.dataset.state = state;
  parts.state.textContent = STATE_TEXTS.get(state) ?? state;
  if (state !== "live") showNobody();
  showProblem(refusal && `Not let in: ${refusal.reason}.`);
  showForm();
}

/** @type {import("./connection.js").Listener["onPeople"]} */
export function showWhoIsHere(people) {
  showPeople(parts.people, parts.typing, people, you);
}

/** @param {string | undefined} text */
export function showProblem(text) {
  parts.problem.hidden = text === undefined;
  parts.problem.textContent = text ?? "";
}

/** Asks for the user's name before anything else, or no longer. */
export function askForName(isAsked) {
  setNeed("name", isAsked);
  showForm();
}

/** One of the three forms, with the keyboard's focus if the former one had it. */
function showForm() {
  const forms = [parts.sayForm, parts.introduceForm, parts.inviteForm];
  const others = needs.has("token") ? parts.inviteForm : parts.sayForm;
  const form = needs.has("name") ? parts.introduceForm : others;
  const hadFocus = forms.some((former) => former.contains(document.activeElement));
  for (const each of forms) each.hidden = each !== form;
  parts.sayForm.querySelector("button").disabled = document.body.dataset.state !== "live";
  parts.rename.hidden = needs.has("name");
  if (hadFocus) form.querySelector("input, textarea").focus();
}

function setNeed(need, isNeeded) {
  if (isNeeded) needs.add(need);
  else needs.delete(need);
}

function showNobody() {
  showPeople(parts.people, parts.typing, [], undefined);
}

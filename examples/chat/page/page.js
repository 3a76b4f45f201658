import {
  askForName,
  log,
  showProblem,
  showRoom,
  showState,
  showWelcome,
  showWhoIsHere,
} from "./conversation.js";
import { parts } from "./parts.js";
import { connectByPhoenix } from "./phoenix-connection.js";
import { addressOf, roomOfAddress, roomOfInput } from "./room-address.js";
import { createRoomList } from "./room-list.js";
import { connectBySocketIo } from "./socketio-connection.js";
import { askForToken, joinParams } from "./tokens.js";
import { Typing } from "./typing.js";

const LIBRARIES = new Map([
  ["phoenix", { client: "phoenix.js", connect: connectByPhoenix }],
  ["socketio", { client: "Socket.IO", connect: connectBySocketIo }],
]);

const server = await (await fetch("config.json")).json();
const showRooms = createRoomList(parts.rooms);
// A notice that is lost harms nobody, so its reply is not waited for.
const typing = new Typing((isTyping) => void connection?.push("typing", { isTyping }));

/** @type {import("./connection.js").Connection | undefined} */
let connection;
let room = roomOfAddress();
let name = "";

showRooms(room);
showRoom(room);
askForName(true);
parts.name.focus();

/** Connects with the chosen library; the former connection ends. */
function connect() {
  connection?.close();
  const { value } = parts.libraries.querySelector("input:checked");
  const { client, connect } = LIBRARIES.get(value);
  document.body.className = value;
  connection = connect(server, {
    onState: showState,
    onJoined: (welcome) => {
      typing.reset();
      showWelcome(welcome, client);
    },
    onPeople: showWhoIsHere,
    onMessage: (message) => log.add(message),
  });
  enter();
}

function enter() {
  showState("connecting");
  connection.join(room, joinParams(room, name));
}

async function say() {
  const { value: text } = parts.text;
  if (text.trim() === "" || document.body.dataset.state !== "live") return;
  const saidIn = room;
  parts.text.value = "";
  // The room ends the notice by itself.
  typing.reset();
  const refusal = await connection.push("message", { text });
  if (room !== saidIn) return;
  showProblem(refusal && `Not sent: ${refusal.reason}.`);
  if (refusal !== undefined && parts.text.value === "") parts.text.value = text;
}

async function useInvitation() {
  const invitedTo = room;
  const noAnswer = () => "no answer from the server of this page";
  const reason = await askForToken(invitedTo, parts.code.value).catch(noAnswer);
  if (room !== invitedTo) return;
  showProblem(reason && `Not let in: ${reason}.`);
  if (reason !== undefined) return;
  parts.code.value = "";
  enter();
}

/** Calls `submit` instead of sending the form anywhere. */
function onSubmit(form, submit) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}

onSubmit(parts.introduceForm, () => {
  name = parts.name.value.trim();
  askForName(false);
  if (connection === undefined) connect();
  else enter();
});
onSubmit(parts.inviteForm, () => void useInvitation());
onSubmit(parts.sayForm, () => void say());
onSubmit(parts.goForm, () => {
  location.hash = addressOf(roomOfInput(parts.another.value));
  parts.another.value = "";
});
parts.libraries.addEventListener("change", () => {
  if (connection !== undefined) connect();
});
parts.rename.addEventListener("click", () => {
  askForName(true);
  parts.name.focus();
});
parts.text.addEventListener("input", () => typing.typed(parts.text.value));
parts.text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void say();
});
addEventListener("hashchange", () => {
  room = roomOfAddress();
  showRooms(room);
  showRoom(room);
  if (connection !== undefined) enter();
});
